// One pass of an optimizer over the trainable part of the arena.
#pragma once

#include <strata/core/moments.hpp>
#include <strata/cpu/pool.hpp>

#include <algorithm>
#include <cstdint>

namespace strata::cpu {
inline namespace STRATA_ISA {

/// Floats of one task: enough to be worth handing out, few enough to spread.
inline constexpr std::int64_t optimize_block = 16384;

/// Moves the weights of one block by their gradients times `scale`. The loop knows how many moments there are, so it
/// loads and stores these alone.
template <int Slots, class Optimizer, class Constants>
void optimize_range(const Constants& constants, float* weights, const float* gradients, float scale, float* moments,
                    std::int64_t floats, std::int64_t begin, std::int64_t end) {
  for (std::int64_t i = begin; i < end; i += lanes) {
    V w = load(weights + i);
    WeightMoments<V, Slots> held;
    strata::detail::unroll<Slots>([&](auto s) STRATA_INLINE { held[s] = load(moments + s * floats + i); });
    Optimizer::update(w, V(scale * load(gradients + i)), held, constants);
    strata::detail::unroll<Slots>([&](auto s) STRATA_INLINE { store(moments + s * floats + i, held[s]); });
    store(weights + i, w);
  }
}

/// Runs the loop for `slots` moments, from Optimizer::least_slots to most_slots.
template <class Optimizer, int Slots = Optimizer::most_slots>
void optimize_with(Pool& pool, int slots, const Optimizer& optimizer, std::int64_t step, float* weights,
                   const float* gradients, float scale, float* moments, std::int64_t floats, std::int64_t begin,
                   std::int64_t end) {
  if constexpr (Slots > Optimizer::least_slots)
    if (slots < Slots)
      return optimize_with<Optimizer, Slots - 1>(pool, slots, optimizer, step, weights, gradients, scale, moments,
                                                 floats, begin, end);
  const auto constants = optimizer.constants(step);
  pool.run(static_cast<int>((end - begin + optimize_block - 1) / optimize_block), [&](int task, int) {
    const std::int64_t first = begin + task * optimize_block;
    optimize_range<Slots, Optimizer>(constants, weights, gradients, scale, moments, floats, first,
                                     std::min(end, first + optimize_block));
  });
}

/// Moves the weights from `begin` to `end` (multiples of 16) of `floats` by their gradients, times `scale`. Moment s of
/// weight i is moments[s * floats + i].
template <class Optimizer>
void optimize(Pool& pool, const Optimizer& optimizer, std::int64_t step, float* weights, const float* gradients,
              float* moments, std::int64_t floats, float scale, std::int64_t begin, std::int64_t end) {
#if !defined(__CUDA_ARCH__)  // while nvcc compiles for the device, vectors in the optimizer's text would be errors
  optimize_with(pool, optimizer.state_slots(), optimizer, step, weights, gradients, scale, moments, floats, begin, end);
#endif
}

/// All of them.
template <class Optimizer>
void optimize(Pool& pool, const Optimizer& optimizer, std::int64_t step, float* weights, const float* gradients,
              float* moments, std::int64_t floats, float scale = 1) {
  optimize(pool, optimizer, step, weights, gradients, moments, floats, scale, 0, floats);
}

}  // namespace STRATA_ISA
}  // namespace strata::cpu
