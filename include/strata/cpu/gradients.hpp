// What is done to all gradients at once: their norm, and sums over several batches. The same on any number of threads.
#pragma once

#include <strata/core/buffer.hpp>
#include <strata/cpu/optimize.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace strata::cpu {
inline namespace STRATA_ISA {

/// Doubles that norm needs room for, with so many floats.
constexpr std::int64_t norm_parts(std::int64_t floats) { return (floats + optimize_block - 1) / optimize_block; }

/// sqrt(sum x^2) of `floats` numbers (a multiple of 16): the sums of fixed blocks in double, then those in order.
/// `parts` has room for norm_parts of them.
inline double norm(Pool& pool, const float* x, std::int64_t floats, double* parts) {
#if !defined(__CUDA_ARCH__)
  pool.run(static_cast<int>(norm_parts(floats)), [&](int task, int) {
    const std::int64_t end = std::min(floats, (task + 1) * optimize_block);
    double sums[4] = {};
    for (std::int64_t i = task * optimize_block; i < end; i += 4)
      for (int k = 0; k < 4; ++k) sums[k] += static_cast<double>(x[i + k]) * static_cast<double>(x[i + k]);
    parts[task] = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  });
#endif
  double sum = 0;
  for (std::int64_t p = 0; p < norm_parts(floats); ++p) sum += parts[p];
  return std::sqrt(sum);
}

/// sum += weight * x, or sum = weight * x in the first of several.
inline void accumulate(Pool& pool, float* sum, const float* x, float weight, bool is_first, std::int64_t floats) {
#if !defined(__CUDA_ARCH__)
  pool.run(static_cast<int>(norm_parts(floats)), [&](int task, int) {
    const std::int64_t end = std::min(floats, (task + 1) * optimize_block);
    for (std::int64_t i = task * optimize_block; i < end; i += lanes)
      store(sum + i, (is_first ? V{} : load(sum + i)) + weight * load(x + i));
  });
#endif
}

}  // namespace STRATA_ISA
}  // namespace strata::cpu
