// A valid convolution of one sample on register tiles: the one loop nest of Conv's forward and input gradient.
#pragma once

#include <strata/cpu/microkernel.hpp>

namespace strata::cpu {
inline namespace STRATA_ISA {

/// Extents of a valid convolution: an image of rows of `width` pixels and `channels`, kernels of kernel_height x
/// kernel_width, `stride` pixels apart, to out_height x out_width x filters.
struct ConvolveShape {
  int width, channels, filters;
  int kernel_height, kernel_width, stride;
  int out_height, out_width;
};

/// One tile: M pixels of an output row times N vectors of filters, of which the last one has Tail lanes that count.
template <ConvolveShape S, int M, int N, int Tail, class Sink>
inline void convolve_tile(const float* x, const float* w, const float* bias, int out_index, const Sink& sink) {
  Tile<M, N> tile;
  for_tile<M, N>([&](auto m, auto n) STRATA_INLINE { tile.c[m][n] = bias ? load(bias + n * lanes) : V{}; });
  STRATA_NOUNROLL
  for (int i = 0; i < S.kernel_height; ++i) {
    const float* p = x + i * S.width * S.channels;
    const float* q = w + i * S.kernel_width * S.channels * S.filters;
    multiply_add(
        tile, S.kernel_width * S.channels, [p](int m, int k) STRATA_INLINE { return p[m * S.stride * S.channels + k]; },
        [q](int k, int n) STRATA_INLINE { return load(q + k * S.filters + n * lanes); });
  }
  for_tile<M, N>([&](auto m, auto n) STRATA_INLINE {
    constexpr int count = n + 1 == N ? Tail : lanes;
    sink(out_index + m * S.filters + n * lanes, tile.c[m][n], std::integral_constant<int, count>{});
  });
}

/// y = convolution of x with w (kernel rows, columns, channels, filters), plus the bias where it is not null. Every
/// vector of outputs goes to sink(index, V, integral_constant<int, lanes>). Reads of w and bias may reach one vector
/// beyond their ends. Taps of one kernel row lie side by side in x, so the sum over them is one loop.
template <ConvolveShape S, class Sink>
void convolve(const float* x, const float* w, const float* bias, const Sink& sink) {
  // Plain integers: g++ 12 crashes on a constant structure that a lambda inside a template reads.
  constexpr int tile_rows = choose_tile(S.out_width, S.filters).rows;
  constexpr int tile_vectors = choose_tile(S.out_width, S.filters).vectors;
  constexpr int vectors = (S.filters + lanes - 1) / lanes;
  constexpr int whole = (vectors - 1) / tile_vectors;  // panels before the last one
  constexpr int last = vectors - whole * tile_vectors;
  constexpr int tail = S.filters - (vectors - 1) * lanes;
  auto panel = [&](auto n, auto tail_lanes, int filter) {
    for (int row = 0; row < S.out_height; ++row)
      for (int column = 0; column < S.out_width; column += tile_rows) {
        // The last tile is moved back to end with the row; pixels computed twice hold the same value.
        const int at = column + tile_rows <= S.out_width ? column : S.out_width - tile_rows;
        convolve_tile<S, tile_rows, n, tail_lanes>(x + (row * S.width + at) * S.stride * S.channels, w + filter,
                                                   bias ? bias + filter : nullptr,
                                                   (row * S.out_width + at) * S.filters + filter, sink);
      }
  };
  if constexpr (whole > 0)
    for (int p = 0; p < whole; ++p)
      panel(std::integral_constant<int, tile_vectors>{}, std::integral_constant<int, lanes>{},
            p * tile_vectors * lanes);
  panel(std::integral_constant<int, last>{}, std::integral_constant<int, tail>{}, whole * tile_vectors * lanes);
}

}  // namespace STRATA_ISA
}  // namespace strata::cpu
