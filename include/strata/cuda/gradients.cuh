// What is done to all gradients at once: their norm, and sums over several batches.
//
//     scale = min(1, most / sqrt(sum g^2))         4 bytes read a gradient
//     sum   = [sum +] weight * g                   8 bytes read a gradient, 4 written
//
// The norm's parts are sums of fixed pieces, one a block, which one block adds up in order: the same bits in every run.
#pragma once

#include <strata/cuda/launch.hpp>
#include <strata/cuda/primitives.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// The policy: packets of 4 floats a thread; at most so many blocks, and parts of the norm.
struct GradientsSpec {
  static constexpr int floats = 4;
  static constexpr unsigned threads = 256, most_blocks = 132 * 4;
};

/// How many blocks share the work on so many floats.
inline unsigned gradients_blocks(std::int64_t floats) {
  using S = GradientsSpec;
  constexpr std::int64_t of_block = std::int64_t{S::threads} * S::floats;
  return static_cast<unsigned>(std::min<std::int64_t>((floats + of_block - 1) / of_block, S::most_blocks));
}

/// parts[block] = the sum of the squares of the block's packets.
template <class S>
__global__ void __launch_bounds__(S::threads)
    squares_kernel(const float* __restrict__ gradients, std::int64_t floats, double* __restrict__ parts) {
  const std::int64_t stride = std::int64_t{grid_size().x} * S::threads * S::floats;
  std::int64_t i = (std::int64_t{block_index().x} * S::threads + thread_index().x) * S::floats;
  double sum = 0;
  for (; i < floats; i += stride) {
    const auto g = load<S::floats>(gradients + i);
    STRATA_UNROLL
    for (int k = 0; k < S::floats; ++k) sum += static_cast<double>(g[k]) * static_cast<double>(g[k]);
  }
  sum = block_reduce<Sum, S::threads>(sum);
  if (thread_index().x == 0) parts[block_index().x] = sum;
}

/// *scale out of the parts; one block.
template <class S>
__global__ void __launch_bounds__(S::threads)
    clip_kernel(const double* __restrict__ parts, unsigned count, double most, float* scale) {
  double sum = 0;
  for (unsigned i = thread_index().x; i < count; i += S::threads) sum += parts[i];
  sum = block_reduce<Sum, S::threads>(sum);
  if (thread_index().x != 0) return;
  const double norm = std::sqrt(sum);
  *scale = norm > most ? static_cast<float>(most / norm) : 1.0f;
}

/// Writes the factor that brings the norm of `floats` gradients (a multiple of 4) down to `most`. `parts` has room for
/// GradientsSpec::most_blocks.
inline void clip(Stream stream, const float* gradients, std::int64_t floats, double most, double* parts, float* scale) {
  using S = GradientsSpec;
  const unsigned blocks = gradients_blocks(floats);
  launch<squares_kernel<S>>({.grid = {blocks}, .block = {S::threads}, .stream = stream}, gradients, floats, parts);
  launch<clip_kernel<S>>({.grid = {1}, .block = {S::threads}, .stream = stream}, static_cast<const double*>(parts),
                         blocks, most, scale);
}

/// sum = weight * gradients, with what is in `sum` unless this is the first of several.
template <class S>
__global__ void __launch_bounds__(S::threads)
    accumulate_kernel(float* __restrict__ sum, const float* __restrict__ gradients, float weight, bool is_first,
                      std::int64_t floats) {
  const std::int64_t stride = std::int64_t{grid_size().x} * S::threads * S::floats;
  std::int64_t i = (std::int64_t{block_index().x} * S::threads + thread_index().x) * S::floats;
  for (; i < floats; i += stride) {
    const auto g = load<S::floats>(gradients + i);
    Packet<float, S::floats> s{};
    if (!is_first) s = load<S::floats>(sum + i);
    STRATA_UNROLL
    for (int k = 0; k < S::floats; ++k) s[k] += weight * g[k];
    store(sum + i, s);
  }
}

/// Adds up the gradients of a step's batches: `floats` of them, a multiple of 4.
inline void accumulate(Stream stream, float* sum, const float* gradients, float weight, bool is_first,
                       std::int64_t floats) {
  using S = GradientsSpec;
  launch<accumulate_kernel<S>>({.grid = {gradients_blocks(floats)}, .block = {S::threads}, .stream = stream}, sum,
                               gradients, weight, is_first, floats);
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
