// A factor of a tiled product, in shared memory and on its way into the registers of a warp.
//
// In C = A B both factors are sets of lines: the rows of A, the columns of B. A line is as long as the sum is deep. A
// tile holds some lines at some depths. What lies side by side in global memory lies side by side in the tile, so that
// copies are wide: either the depths of a line or the lines at a depth.
//
// No access has a bank conflict. A warp reads 8 lines at 4 depths in one transaction, and writes 32 neighbours in one.
// With the depths of a line side by side, packets of 4 depths change places within their line:
//
//     packet' = packet xor (line / lines that fill the 32 banks)
//
// so that one packet of 8 neighbouring lines covers all banks. With the lines at a depth side by side it is groups of 8
// lines that change places, and 4 neighbouring depths cover all banks.
#pragma once

#include <strata/cuda/primitives.hpp>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// What lies side by side in memory: the depths of a line, or the lines at a depth.
enum class Along { depth, lines };

/// Lines x Depth floats in shared memory. `at` is where one of them lies; `load_rows` and `load_columns` give a lane
/// its part of 16 lines at 8 depths, as mma_m16n8k8_tf32 wants it for one A or for two B side by side.
template <Along A, int Lines, int Depth>
struct ProductTile;

template <int Lines, int Depth>
struct ProductTile<Along::depth, Lines, Depth> {
  static_assert(Depth >= 8 && (Depth & (Depth - 1)) == 0);
  static constexpr int floats = Lines * Depth;
  static constexpr unsigned packets = Depth / 4;                             ///< of a line
  static constexpr unsigned lines_together = packets < 8 ? 8 / packets : 1;  ///< fill the banks

  static STRATA_DEVICE unsigned at(unsigned line, unsigned depth) {
    return line * Depth + ((depth / 4) ^ (line / lines_together % packets)) * 4 + depth % 4;
  }

  static STRATA_DEVICE void load_rows(float (&x)[4], const float* tile, unsigned line, unsigned depth) {
    load_from(x, tile + at(line + lane() % 16, depth + lane() / 16 * 4));
  }

  static STRATA_DEVICE void load_columns(float (&x)[4], const float* tile, unsigned line, unsigned depth) {
    load_from(x, tile + at(line + lane() / 16 * 8 + lane() % 8, depth + lane() / 8 % 2 * 4));
  }

 private:
  static STRATA_DEVICE void load_from(float (&x)[4], const float* row) {
    unsigned bits[4];
    load_matrices<4>(bits, row);
    STRATA_UNROLL
    for (int i = 0; i < 4; ++i) x[i] = strata::detail::same_bits<float>(bits[i]);
  }
};

template <int Lines, int Depth>
struct ProductTile<Along::lines, Lines, Depth> {
  static_assert(Lines >= 8 && (Lines & (Lines - 1)) == 0);
  static constexpr int floats = Lines * Depth;
  static constexpr unsigned groups = Lines < 32 ? Lines / 8 : 4;  ///< that change places
  static constexpr unsigned depths_together = 4 / groups;         ///< fill the banks

  static STRATA_DEVICE unsigned at(unsigned line, unsigned depth) {
    return depth * Lines + ((line / 8) ^ (depth / depths_together % groups)) * 8 + line % 8;
  }

  static STRATA_DEVICE void load_rows(float (&x)[4], const float* tile, unsigned line, unsigned depth) {
    STRATA_UNROLL
    for (unsigned i = 0; i < 4; ++i) x[i] = tile[at(line + i % 2 * 8 + lane() / 4, depth + i / 2 * 4 + lane() % 4)];
  }

  static STRATA_DEVICE void load_columns(float (&x)[4], const float* tile, unsigned line, unsigned depth) {
    STRATA_UNROLL
    for (unsigned i = 0; i < 4; ++i) x[i] = tile[at(line + i / 2 * 8 + lane() / 4, depth + i % 2 * 4 + lane() % 4)];
  }
};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
