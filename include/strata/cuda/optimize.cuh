// One pass of an optimizer over the trainable part of the arena.
//
// The mathematics is the optimizer's own `update`, each weight by itself, in the text that the CPU runs. A weight costs
// 4 bytes read for itself, its gradient and each moment, and 4 written for all but the gradient: 28 with Adam, in
// accesses of 16 bytes a thread, so the pass takes the time of copying 14 bytes a weight.
//
// The hyper-parameters and the step's number lie in device memory. A captured launch thus replays unchanged while a
// schedule changes the learning rate.
#pragma once

#include <strata/cuda/launch.hpp>
#include <strata/cuda/primitives.hpp>

#include <algorithm>
#include <cstdint>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// What an optimizer needs to know of a step, in device memory.
template <class Optimizer>
struct OptimizerStep {
  Optimizer optimizer;
  std::int64_t number;  ///< 1, 2, ...
};

/// The policy: packets of 4 floats a thread, and at most as many blocks as fill 132 multiprocessors, so that few of
/// them compute the step's constants.
template <class O, int Slots>
struct OptimizeSpec {
  using Optimizer = O;
  static constexpr int slots = Slots;
  static constexpr int floats = 4;
  static constexpr unsigned threads = 256, most_blocks = 132 * 8;
};

/// Moves the weights, unless *stop says otherwise. One thread of a block computes the constants while the others load
/// their first packets.
template <class S>
__global__ void __launch_bounds__(S::threads)
    optimize_kernel(const OptimizerStep<typename S::Optimizer>* __restrict__ step, const std::uint32_t* stop,
                    float* __restrict__ weights, const float* __restrict__ gradients, float* __restrict__ moments,
                    std::int64_t floats) {
  using Optimizer = typename S::Optimizer;
  using Constants = decltype(step->optimizer.constants(0));
  constexpr int n = S::floats, slots = S::slots;
  if (stop != nullptr && *stop != 0) return;
  const std::int64_t stride = std::int64_t{grid_size().x} * S::threads * n;
  std::int64_t i = (std::int64_t{block_index().x} * S::threads + thread_index().x) * n;

  Packet<float, n> w, g, m[slots > 0 ? slots : 1];
  const auto load_packets = [&] {
    if (i >= floats) return;
    w = load<n>(weights + i);
    g = load<n>(gradients + i);
    STRATA_UNROLL
    for (int s = 0; s < slots; ++s) m[s] = load<n>(moments + s * floats + i);
  };
  load_packets();
  auto& shared_constants = shared<Constants>();
  if (thread_index().x == 0) shared_constants = step->optimizer.constants(step->number);
  sync_block();
  const Constants constants = shared_constants;

  for (; i < floats; i += stride, load_packets()) {
    STRATA_UNROLL
    for (int k = 0; k < n; ++k) {
      if constexpr (slots == 0) {
        Optimizer::update(w[k], g[k], static_cast<float*>(nullptr), constants);
      } else {
        float held[slots];
        STRATA_UNROLL
        for (int s = 0; s < slots; ++s) held[s] = m[s][k];
        Optimizer::update(w[k], g[k], static_cast<float*>(held), constants);
        STRATA_UNROLL
        for (int s = 0; s < slots; ++s) m[s][k] = held[s];
      }
    }
    store(weights + i, w);
    STRATA_UNROLL
    for (int s = 0; s < slots; ++s) store(moments + s * floats + i, m[s]);
  }
}

/// Moves `floats` weights (a multiple of 4) by their gradients. Moment s of weight i is moments[s * floats + i], of
/// `slots` moments as the optimizer's state_slots() says. Where *stop, in device memory, is not 0, nothing moves.
template <class Optimizer, int Slots = Optimizer::most_slots>
void optimize(Stream stream, int slots, const OptimizerStep<Optimizer>* step, float* weights, const float* gradients,
              float* moments, std::int64_t floats, const std::uint32_t* stop = nullptr) {
  if constexpr (Slots > Optimizer::least_slots)
    if (slots < Slots)
      return optimize<Optimizer, Slots - 1>(stream, slots, step, weights, gradients, moments, floats, stop);
  using Spec = OptimizeSpec<Optimizer, Slots>;
  constexpr std::int64_t floats_of_block = std::int64_t{Spec::threads} * Spec::floats;
  const std::int64_t blocks = (floats + floats_of_block - 1) / floats_of_block;
  if (blocks == 0) return;
  launch<optimize_kernel<Spec>>({.grid = {static_cast<unsigned>(std::min<std::int64_t>(blocks, Spec::most_blocks))},
                                 .block = {Spec::threads},
                                 .stream = stream},
                                step, stop, weights, gradients, moments, floats);
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
