// One pass of an optimizer over the trainable part of the arena.
//
// The mathematics is the optimizer's own `update`, each weight by itself, in the text that the CPU runs. A weight costs
// 4 bytes read for itself, its gradient and each moment, and 4 written for all but the gradient: 28 with Adam, in
// accesses of 16 bytes a thread, so the pass takes the time of copying 14 bytes a weight.
//
// The constants of the step lie in device memory: optimizer_step.hpp.
#pragma once

#include <strata/core/moments.hpp>
#include <strata/cuda/launch.hpp>
#include <strata/cuda/optimizer_step.hpp>
#include <strata/cuda/primitives.hpp>

#include <algorithm>
#include <cstdint>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// The policy: packets of 4 floats a thread, and at most as many blocks as fill 132 multiprocessors.
template <class O, int Slots>
struct OptimizeSpec {
  using Optimizer = O;
  static constexpr int slots = Slots;
  static constexpr int floats = 4;
  static constexpr unsigned threads = 256, most_blocks = 132 * 8;
};

/// Moves the weights from `begin` to `end`, unless *stop says otherwise, by their gradients times *scale, where that is
/// given.
template <class S>
__global__ void __launch_bounds__(S::threads)
    optimize_kernel(const OptimizerStep<typename S::Optimizer>* __restrict__ step, const std::uint32_t* stop,
                    const float* __restrict__ scale, float* __restrict__ weights, const float* __restrict__ gradients,
                    float* __restrict__ moments, std::int64_t floats, std::int64_t begin, std::int64_t end) {
  using Optimizer = typename S::Optimizer;
  constexpr int n = S::floats, slots = S::slots;
  if (stop != nullptr && *stop != 0) return;
  const std::int64_t stride = std::int64_t{grid_size().x} * S::threads * n;
  std::int64_t i = begin + (std::int64_t{block_index().x} * S::threads + thread_index().x) * n;

  Packet<float, n> w, g, m[slots > 0 ? slots : 1];
  const auto load_packets = [&] {
    if (i >= end) return;
    w = load<n>(weights + i);
    g = load<n>(gradients + i);
    STRATA_UNROLL
    for (int s = 0; s < slots; ++s) m[s] = load<n>(moments + s * floats + i);
  };
  load_packets();
  const auto constants = step->constants;
  const float factor = scale != nullptr ? *scale : 1.0f;

  for (; i < end; i += stride, load_packets()) {
    STRATA_UNROLL
    for (int k = 0; k < n; ++k) {
      WeightMoments<float, slots> held;
      STRATA_UNROLL
      for (int s = 0; s < slots; ++s) held[s] = m[s][k];
      Optimizer::update(w[k], factor * g[k], held, constants);
      STRATA_UNROLL
      for (int s = 0; s < slots; ++s) m[s][k] = held[s];
    }
    store(weights + i, w);
    STRATA_UNROLL
    for (int s = 0; s < slots; ++s) store(moments + s * floats + i, m[s]);
  }
}

/// A part of the weights: multiples of 4 floats.
struct WeightRange {
  std::int64_t begin = 0, end = 0;
};

/// Moves the `part` of `floats` weights by their gradients. Moment s of weight i is moments[s * floats + i], of `slots`
/// moments as the optimizer's state_slots() says. Where *stop, in device memory, is not 0, nothing moves; gradients
/// count *scale times, in device memory too. Either may be null.
template <class Optimizer, int Slots = Optimizer::most_slots>
void optimize(Stream stream, int slots, const OptimizerStep<Optimizer>* step, float* weights, const float* gradients,
              float* moments, std::int64_t floats, WeightRange part, const std::uint32_t* stop, const float* scale) {
  if constexpr (Slots > Optimizer::least_slots)
    if (slots < Slots)
      return optimize<Optimizer, Slots - 1>(stream, slots, step, weights, gradients, moments, floats, part, stop,
                                            scale);
  using Spec = OptimizeSpec<Optimizer, Slots>;
  constexpr std::int64_t floats_of_block = std::int64_t{Spec::threads} * Spec::floats;
  const std::int64_t blocks = (part.end - part.begin + floats_of_block - 1) / floats_of_block;
  if (blocks == 0) return;
  launch<optimize_kernel<Spec>>({.grid = {static_cast<unsigned>(std::min<std::int64_t>(blocks, Spec::most_blocks))},
                                 .block = {Spec::threads},
                                 .stream = stream},
                                step, stop, scale, weights, gradients, moments, floats, part.begin, part.end);
}

/// Moves all of them.
template <class Optimizer>
void optimize(Stream stream, int slots, const OptimizerStep<Optimizer>* step, float* weights, const float* gradients,
              float* moments, std::int64_t floats, const std::uint32_t* stop = nullptr, const float* scale = nullptr) {
  optimize(stream, slots, step, weights, gradients, moments, floats, {0, floats}, stop, scale);
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
