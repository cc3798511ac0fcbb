// The register tile that every product runs on: M scalars times N vectors, summed over k.
#pragma once

#include <strata/cpu/vector.hpp>

#include <algorithm>
#include <utility>

namespace strata::cpu {
inline namespace STRATA_ISA {

/// Accumulators of M rows and N vectors of columns. Small enough to live in registers; its elements are only ever
/// touched with constant indices, or compilers keep them in memory.
template <int M, int N>
struct Tile {
  V c[M][N];
};

// Pack expansions with names where a lambda would do: compilers then have one function a tile to make and to inline,
// not one for every register.
template <class F, int... N>
STRATA_INLINE inline void for_row_of_tile(F& f, int m, std::integer_sequence<int, N...>) {
  (f(m, std::integral_constant<int, N>{}), ...);
}
template <class F, int... M, class Columns>
STRATA_INLINE inline void for_rows_of_tile(F& f, std::integer_sequence<int, M...>, Columns columns) {
  (for_row_of_tile(f, M, columns), ...);
}

/// Calls f(m, n) for every vector of a tile; n is an integral_constant, and m a constant once f is inlined.
template <int M, int N, class F>
STRATA_INLINE inline void for_tile(F&& f) {
  for_rows_of_tile(f, std::make_integer_sequence<int, M>{}, std::make_integer_sequence<int, N>{});
}

template <int N, class B, int... I>
STRATA_INLINE inline void load_row(V (&row)[N], B& b, int k, std::integer_sequence<int, I...>) {
  ((row[I] = b(k, I)), ...);
}
template <int N, int... I>
STRATA_INLINE inline void multiply_row(V (&c)[N], float s, const V (&row)[N], std::integer_sequence<int, I...>) {
  ((c[I] += s * row[I]), ...);
}
template <int Low, int M, int N, class A, int... R, class Columns>
STRATA_INLINE inline void multiply_rows(Tile<M, N>& tile, A& a, int k, const V (&row)[N],
                                        std::integer_sequence<int, R...>, Columns columns) {
  (multiply_row(tile.c[Low + R], a(Low + R, k), row, columns), ...);
}

/// tile[m][n] += a(m, k) * b(k, n) for k in [0, K) and the rows m in [Low, High): a gives scalars, b vectors. One fused
/// multiply-add each, k in ascending order, so that a row's sums do not depend on the height of the tile it is in.
template <int Low, int High, int M, int N, class A, class B>
STRATA_INLINE inline void multiply_add(Tile<M, N>& tile, int K, A a, B b) {
  constexpr auto columns = std::make_integer_sequence<int, N>{};
  STRATA_NOUNROLL
  for (int i = 0; i < K; ++i) {
    // Hidden: where rows overlap, a(m, k) is a(m + 1, k - 1), and g++ would carry it from step to step in registers, as
    // a scalar to be spread again, which is slower than to load it spread.
    const int k = opaque(i);
    V row[N];
    load_row(row, b, k, columns);
    multiply_rows<Low>(tile, a, k, row, std::make_integer_sequence<int, High - Low>{}, columns);
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
