// The register tile that every product runs on: M scalars times N vectors, summed over k.
#pragma once

#include <strata/cpu/vector.hpp>

#include <algorithm>

namespace strata::cpu {
inline namespace STRATA_ISA {

/// Accumulators of M rows and N vectors of columns. Small enough to live in registers; its elements are only ever
/// touched with constant indices, or compilers keep them in memory.
template <int M, int N>
struct Tile {
  V c[M][N];
};

/// Calls f(m, n) for every vector of a tile, with constant indices.
template <int M, int N, class F>
STRATA_INLINE inline void for_tile(F&& f) {
  strata::detail::unroll<M>([&](auto m) STRATA_INLINE { strata::detail::unroll<N>([&](auto n) STRATA_INLINE { f(m, n); }); });
}

/// tile[m][n] += a(m, k) * b(k, n) for k in [0, K) and the rows m in [Low, High): a gives scalars, b vectors. One fused
/// multiply-add each, k in ascending order, so that a row's sums do not depend on the height of the tile it is in.
template <int Low, int High, int M, int N, class A, class B>
STRATA_INLINE inline void multiply_add(Tile<M, N>& tile, int K, A a, B b) {
  STRATA_NOUNROLL
  for (int i = 0; i < K; ++i) {
    // Hidden: where rows overlap, a(m, k) is a(m + 1, k - 1), and g++ would carry it from step to step in registers, as
    // a scalar to be spread again, which is slower than to load it spread.
    const int k = opaque(i);
    V row[N];
    strata::detail::unroll<N>([&](auto n) STRATA_INLINE { row[n] = b(k, n); });
    strata::detail::unroll<High - Low>([&](auto r) STRATA_INLINE {
      constexpr int m = Low + r;
      const float s = a(std::integral_constant<int, m>{}, k);
      strata::detail::unroll<N>([&](auto n) STRATA_INLINE { tile.c[m][n] += s * row[n]; });
    });
  }
}

/// The same for all rows of the tile.
template <int M, int N, class A, class B>
STRATA_INLINE inline void multiply_add(Tile<M, N>& tile, int K, A a, B b) {
  multiply_add<0, M>(tile, K, a, b);
}

/// Extents of a tile: rows, and vectors of columns.
struct TileShape {
  int rows = 1;
  int vectors = 1;
};

/// What one step over k costs in a tile of r rows and v vectors, in cycles: multiply-adds (two a cycle), loads (two a
/// cycle) and the latency of a chain.
constexpr double tile_cost(int r, int v) {
  if (v == 0) return 0;
  const double loads = r < 5 ? r + r * v : r + 1.5 * v;  // with few rows g++ reads b again for each of them
  return std::max({static_cast<double>(r * v), loads, 8.0}) * 0.5 + 0.4;
}

/// The tile for a product of `rows` x `columns` with the fewest cycles. The last tile of a row of tiles is moved back,
/// never cut, so a tile is at most `rows` high.
constexpr TileShape choose_tile(int rows, int columns) {
  const int vectors = (columns + lanes - 1) / lanes;
  TileShape best;
  double least = 1e300;
  for (int n = 1; n <= std::min(vectors, 6); ++n)
    for (int m = 1; m <= rows && m * n + n + 1 <= registers - 1; ++m) {
      const int tiles = (rows + m - 1) / m;
      const double cycles = tiles * (vectors / n * tile_cost(m, n) + tile_cost(m, vectors % n));
      if (cycles < least) {
        least = cycles;
        best = {m, n};
      }
    }
  return best;
}

}  // namespace STRATA_ISA
}  // namespace strata::cpu
