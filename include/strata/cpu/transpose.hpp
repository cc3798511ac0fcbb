// Transposing square blocks of floats in registers.
#pragma once

#include <strata/cpu/vector.hpp>

namespace strata::cpu {
inline namespace STRATA_ISA {
/// One step of a transposition: in vectors a and b, `Distance` rows apart, swaps the blocks of `Distance` lanes off the
/// diagonal.
template <int Distance, int... I>
STRATA_INLINE inline void swap_blocks(V& a, V& b, std::integer_sequence<int, I...>) {
  const V low = __builtin_shufflevector(a, b, (I & Distance ? lanes + I - Distance : I)...);
  b = __builtin_shufflevector(a, b, (I & Distance ? lanes + I : I + Distance)...);
  a = low;
}

template <int Distance>
STRATA_INLINE inline void transpose_step(V (&rows)[lanes]) {
  strata::detail::unroll<lanes / 2>([&](auto pair) STRATA_INLINE {
    constexpr int row = pair / Distance * 2 * Distance + pair % Distance;
    swap_blocks<Distance>(rows[row], rows[row + Distance], std::make_integer_sequence<int, lanes>{});
  });
  if constexpr (Distance > 1) transpose_step<Distance / 2>(rows);
}

/// rows[i][j] = rows[j][i]: as many rows as a vector has lanes.
STRATA_INLINE inline void transpose(V (&rows)[lanes]) { transpose_step<lanes / 2>(rows); }

}  // namespace STRATA_ISA
}  // namespace strata::cpu
