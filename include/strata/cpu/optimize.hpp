// One pass of an optimizer over the trainable part of the arena.
#pragma once

#include <strata/cpu/pool.hpp>

#include <algorithm>
#include <cstdint>

namespace strata::cpu {
inline namespace STRATA_ISA {

/// Moves `floats` weights (a multiple of 16) by their gradients. Moment s of weight i is moments[s * floats + i].
template <class Optimizer>
void optimize(Pool& pool, const Optimizer& optimizer, std::int64_t step, float* weights, const float* gradients,
              float* moments, std::int64_t floats) {
#if !defined(__CUDA_ARCH__)  // while nvcc compiles for the device, vectors in the optimizer's text would be errors
  constexpr std::int64_t block = 16384;
  const auto constants = optimizer.constants(step);
  const int slots = optimizer.state_slots();
  pool.run(static_cast<int>((floats + block - 1) / block), [&](int task, int) {
    const std::int64_t end = std::min(floats, (task + 1) * block);
    for (std::int64_t i = task * block; i < end; i += lanes) {
      V w = load(weights + i), held[Optimizer::most_slots];
      for (int s = 0; s < Optimizer::most_slots; ++s) held[s] = s < slots ? load(moments + s * floats + i) : V{};
      Optimizer::update(w, load(gradients + i), held, constants);
      store(weights + i, w);
      for (int s = 0; s < Optimizer::most_slots; ++s)
        if (s < slots) store(moments + s * floats + i, held[s]);
    }
  });
#endif
}

}  // namespace STRATA_ISA
}  // namespace strata::cpu
