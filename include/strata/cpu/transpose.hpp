// Transposing square blocks of floats in registers.
#pragma once

#include <strata/cpu/vector.hpp>

namespace strata::cpu {
inline namespace STRATA_ISA {
/// One step of a transposition: in vectors a and b, `Distance` rows apart, swaps the blocks of `Distance` lanes off the
/// diagonal.
template <int Distance, int... I>
STRATA_INLINE inline void swap_blocks(V& a, V& b, std::integer_sequence<int, I...>) {
#if defined(__CUDACC__)  // whose front end gives this builtin another type
  const V old_a = a, old_b = b;
  ((a[I] = I & Distance ? old_b[(I - Distance) & (lanes - 1)] : old_a[I]), ...);
  ((b[I] = I & Distance ? old_b[I] : old_a[(I + Distance) & (lanes - 1)]), ...);
#else
  const V low = __builtin_shufflevector(a, b, (I & Distance ? lanes + I - Distance : I)...);
  b = __builtin_shufflevector(a, b, (I & Distance ? lanes + I : I + Distance)...);
  a = low;
#endif
}

template <int Distance>
STRATA_INLINE inline void transpose_step(V (&rows)[lanes]) {
  strata::detail::unroll<lanes / 2>([&](auto pair) STRATA_INLINE {
    constexpr int row = pair / Distance * 2 * Distance + pair % Distance;
    swap_blocks<Distance>(rows[row], rows[row + Distance], std::make_integer_sequence<int, lanes>{});
  });
  if constexpr (Distance > 1) transpose_step<Distance / 2>(rows);
}

/// to[c][r] = from[r][c] for a square block of as many rows as a vector has lanes. Rows of `from` from `rows` on count
/// as zero and are not read; of `to` the first `columns` rows are written. Strides are in floats.
[[gnu::noinline]] inline void transpose(const float* from, std::int64_t from_stride, int rows, float* to,
                                        std::int64_t to_stride, int columns) {
#if !defined(__CUDA_ARCH__)  // while nvcc compiles for the device, vectors would be errors
  V block[lanes];
  strata::detail::unroll<lanes>([&](auto r)
                                    STRATA_INLINE { block[r] = r < rows ? load(from + r * from_stride) : V{}; });
  transpose_step<lanes / 2>(block);
  strata::detail::unroll<lanes>([&](auto c) STRATA_INLINE {
    if (c < columns) store(to + c * to_stride, block[c]);
  });
#endif
}

}  // namespace STRATA_ISA
}  // namespace strata::cpu
