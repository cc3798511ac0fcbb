// Convolutions of 3x3 kernels and stride 1 by Winograd's F(2x2, 3x3) and F(4x4, 3x3), one sample in blocks of tiles.
#pragma once

#include <strata/cpu/microkernel.hpp>
#include <strata/cpu/winograd_transform.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace strata::cpu {
inline namespace STRATA_ISA {

/// Extents of a 3x3 convolution of stride 1: an image of height x width x channels that has `top` rows and `left`
/// columns of zeros in front, to out_height x out_width x filters. What a kernel sees behind the image is zero too.
struct WinogradShape {
  int height, width, channels, filters;
  int top, left;
  int out_height, out_width;
};

/// The outputs of a block: `rows` x `columns` x `filters` of them from (row, column, filter) on.
struct WinogradRegion {
  int row, rows;
  int column, columns;
  int filter, filters;
};

/// How many times faster than the direct form at 95 % of the peak the convolution with tiles of M x M outputs is, from
/// the shape alone. In multiply-adds of vectors: the products, at least eight in flight; what a tile costs besides,
/// each vector of channels and of filters through its transform; and reading the packed kernel where it does not stay
/// in the second-level cache. Fitted to 64 shapes from 2x2x256-256 to 112x112x32-32 on Zen 5 with AVX-512,
/// with both tiles: estimate over measurement is 0.96 in the median and 0.72 to 1.07 in nine of ten, low for small
/// convolutions; none that gains more than 1.1 by the estimate loses.
constexpr double winograd_gain(const WinogradShape& s, int m) {
  auto parts = [](int n, int size) { return static_cast<double>((n + size - 1) / size); };
  const double channels = s.channels, positions = (m + 2) * (m + 2);
  const double channel_vectors = parts(s.channels, lanes), filter_vectors = parts(s.filters, lanes);
  const double tiles = parts(s.out_height, m) * parts(s.out_width, m);
  const double direct = 9.0 * s.out_height * s.out_width * channels * filter_vectors / 0.95;
  const double products = positions * channels * std::max(tiles * filter_vectors, 8.0) * 1.1;
  const double transforms = tiles * (m == 4 ? 350 + 400 * channel_vectors + 300 * filter_vectors
                                            : 140 + 90 * channel_vectors + 70 * filter_vectors);
  const double bytes = positions * channels * filter_vectors * lanes * 4;
  const double reading = bytes < 600e3 ? 0 : bytes * (bytes < 20e6 ? 0.095 : 0.15);
  const double computing = products + transforms;
  return direct / (std::max(computing, reading) + 0.4 * std::min(computing, reading));
}

/// The convolution S with tiles of M x M outputs, M = 2 or 4: 16 products for 4 outputs or 36 for 16, where the direct
/// form has 36 and 144. A block of about 32 tiles at a time: the image's patches of (M + 2) x (M + 2) pixels are
/// transformed, one matrix product for each of the (M + 2)^2 positions sums over the channels (tiles x channels times
/// channels x filters), and the products are transformed back. The order of every sum follows from S alone.
///
/// Largest error over the largest output against a double reference, in VGG-16's layers (R5's second) with normal data
/// behind a ReLU and He's weights: F(4x4) 1.0e-6 to 3.3e-6 (1.0e-6), F(2x2) 0.2e-6 to 0.9e-6 (0.3e-6), the direct form
/// 0.2e-6 to 2.1e-6 (0.7e-6). With symmetric data F(4x4) reaches 5.1e-6; the bound is 2e-5.
template <WinogradShape S, int M>
struct winograd {
  static_assert(M == 2 || M == 4, "Winograd's convolution has tiles of 2 x 2 or 4 x 4 outputs");

 private:
  // Plain integers: g++ 12 crashes on a constant structure that a lambda inside a template reads.
  static constexpr int height = S.height, width = S.width, channels = S.channels, filters = S.filters;
  static constexpr int top = S.top, left = S.left, out_height = S.out_height, out_width = S.out_width;
  static constexpr int side = M + 2, positions = side * side;
  static constexpr int parts_of(int n, int size) { return (n + size - 1) / size; }

  // Blocks: whole rows of tiles, or equal parts of one row. About 32 tiles share one reading of the packed kernel and
  // lie in the second-level cache with their products.
  static constexpr int tiles_wanted = M == 4 ? 32 : 64;
  static constexpr int tile_rows = parts_of(out_height, M), tile_columns = parts_of(out_width, M);
  static constexpr int column_parts = parts_of(tile_columns, tiles_wanted * 3 / 2);
  static constexpr int row_parts = column_parts > 1 ? tile_rows
                                                    : parts_of(tile_rows, std::max(1, tiles_wanted / tile_columns));
  static constexpr int most_tiles = parts_of(tile_rows, row_parts) * parts_of(tile_columns, column_parts);
  static constexpr int least_tiles = (tile_rows / row_parts) * (tile_columns / column_parts);

  // Small images with many filters: threads share the filters, and each reads only its part of the packed kernel.
  static constexpr int filter_parts = row_parts * column_parts < 4 && filters >= 256 ? 2 : 1;

  // Register tiles of the products; panels are the columns of one.
  static constexpr int tile_height = choose_tile(least_tiles, filters).rows;
  static constexpr int tile_vectors = choose_tile(least_tiles, filters).vectors;
  static constexpr int vectors = parts_of(filters, lanes);
  static constexpr int panels = parts_of(vectors, tile_vectors);
  static constexpr int last_vectors = vectors - (panels - 1) * tile_vectors;
  static constexpr int panel_size = tile_vectors * lanes * channels;
  static_assert(panels >= filter_parts);

  // Floats between neighbouring tiles, and between positions: one vector more than a multiple of the page, which
  // keeps the positions of a tile out of one set of the cache.
  static constexpr int data_stride = parts_of(channels, lanes) * lanes;
  static constexpr int product_stride = std::min(vectors, parts_of(panels, filter_parts) * tile_vectors) * lanes;
  static constexpr int data_size = most_tiles * data_stride + lanes;
  static constexpr int product_size = most_tiles * product_stride + lanes;
  static constexpr int packed_size = vectors * lanes * channels + lanes;
  static constexpr int patch_size = (parts_of(positions * channels, lanes) + 1) * lanes;

  // From here on the kernel comes from the third-level cache or memory: it is asked for one panel ahead.
  static constexpr bool prefetches = positions * std::int64_t{packed_size} > std::int64_t{1} << 19;

 public:
  /// Floats of the packed kernel, and of the scratch memory of one thread. Both want the alignment of a vector.
  static constexpr std::int64_t packed_floats = std::int64_t{positions} * packed_size;
  static constexpr std::int64_t scratch_floats = std::int64_t{positions} * (data_size + product_size) + patch_size;

  /// Independent tasks of one sample, in ascending order of rows, then columns, then filters.
  static constexpr int blocks = row_parts * column_parts * filter_parts;

  /// What a block writes.
  static constexpr WinogradRegion region(int block) {
    const Range r = rows_of(block), c = columns_of(block), p = panels_of(block);
    const int row = r.first * M, column = c.first * M, filter = p.first * tile_vectors * lanes;
    return {row,    std::min(r.end * M, out_height) - row,
            column, std::min(c.end * M, out_width) - column,
            filter, std::min(p.end * tile_vectors * lanes, filters) - filter};
  }

  /// Share `part` of `parts` of the kernel's transform G g G^T: kernel is 3 x 3 x channels x filters, packed is
  /// positions x panels of filters x channels x the panel's filters.
  static void pack(const float* kernel, float* packed, int part, int parts) {
    constexpr std::int64_t units = std::int64_t{panels} * channels;
    for (std::int64_t i = units * part / parts; i < units * (part + 1) / parts; ++i) {
      const int panel = static_cast<int>(i / channels), c = static_cast<int>(i % channels);
      const int in_panel = panel + 1 < panels ? tile_vectors : last_vectors;
      float* to = packed + panel * panel_size + c * in_panel * lanes;
      for (int n = 0; n < in_panel; ++n, to += lanes) {
        const int filter = (panel * tile_vectors + n) * lanes;
        winograd_kernel<M>(kernel + c * filters + filter, channels * filters, lanes_at(filter, filters), to,
                           packed_size);
      }
    }
  }

  /// The outputs of one block, plus the bias where it is not null. Each vector of neighbouring filters of a pixel goes
  /// to sink(index, V, integral_constant<int, count>) once, index = (row * out_width + column) * filters + filter.
  /// Reads of x may reach one vector beyond the sample's end.
  template <class Sink>
  static void block(const float* x, const float* packed, const float* bias, float* scratch, int block,
                    const Sink& sink) {
    float* const data = scratch;
    float* const product = data + positions * data_size;
    float* const patch = product + positions * product_size;
    const Range rows = rows_of(block), columns = columns_of(block), range = panels_of(block);

    float* to = data;
    for (int row = rows.first; row < rows.end; ++row)
      for (int column = columns.first; column < columns.end; ++column, to += data_stride)
        transform_data(x, row * M - top, column * M - left, patch, to);

    const int tiles = (rows.end - rows.first) * (columns.end - columns.first);
    for (int position = 0; position < positions; ++position) {
      const float* v = data + position * data_size;
      const float* u = packed + position * packed_size + range.first * panel_size;
      float* m = product + position * product_size;
      for (int panel = range.first; panel < range.end; ++panel, u += panel_size, m += tile_vectors * lanes)
        if (panel + 1 < panels)
          multiply<tile_vectors>(v, u, m, tiles);
        else
          multiply<last_vectors>(v, u, m, tiles);
    }

    const float* from = product;
    for (int row = rows.first; row < rows.end; ++row)
      for (int column = columns.first; column < columns.end; ++column, from += product_stride)
        transform_products(from, bias, row * M, column * M, range, sink);
  }

 private:
  struct Range {
    int first, end;
  };

  static constexpr Range share(int n, int part, int parts) { return {n * part / parts, n * (part + 1) / parts}; }
  static constexpr Range panels_of(int block) { return share(panels, block % filter_parts, filter_parts); }
  static constexpr Range columns_of(int block) {
    return share(tile_columns, block / filter_parts % column_parts, column_parts);
  }
  static constexpr Range rows_of(int block) { return share(tile_rows, block / filter_parts / column_parts, row_parts); }

  /// The patch of side x side pixels from (row, column) on, with zeros where there is no image.
  static void copy_patch(const float* x, int row, int column, float* patch) {
    const int before = std::clamp(-column, 0, side), end = std::clamp(width - column, before, side);
    for (int i = row; i < row + side; ++i, patch += side * channels) {
      const bool inside = i >= 0 && i < height && end > before;
      const int first = inside ? before * channels : side * channels, last = inside ? end * channels : side * channels;
      std::fill(patch, patch + first, 0.0f);
      if (inside) std::copy_n(x + (i * width + column + before) * channels, last - first, patch + first);
      std::fill(patch + last, patch + side * channels, 0.0f);
    }
  }

  /// B^T d B of the tile whose patch begins at (row, column).
  static void transform_data(const float* x, int row, int column, float* patch, float* to) {
    if (row >= 0 && row + side <= height && column >= 0 && column + side <= width) {
      winograd_data<M>(x + (row * width + column) * channels, width * channels, channels, to, data_size);
    } else {
      copy_patch(x, row, column, patch);
      winograd_data<M>(patch, side * channels, channels, to, data_size);
    }
  }

  /// The products of one position with one panel of N vectors of filters.
  template <int N>
  [[gnu::noinline]] static void multiply(const float* data, const float* packed, float* product, int tiles) {
    for (int t = 0; t < tiles; t += tile_height) {
      const int at = std::min(t, tiles - tile_height);  // the last one is moved back, and computes some tiles twice
      const float* v = data + at * data_stride;
      float* to = product + at * product_stride;
      Tile<tile_height, N> tile;
      for_tile<tile_height, N>([&](auto m, auto n) STRATA_INLINE { tile.c[m][n] = V{}; });
      multiply_add(
          tile, channels, [v](int m, int k) STRATA_INLINE { return v[m * data_stride + k]; },
          [packed](int k, int n) STRATA_INLINE {
            const float* u = packed + (k * N + n) * lanes;
            if constexpr (prefetches) __builtin_prefetch(u + panel_size, 0, 2);
            return load(u);
          });
      for_tile<tile_height, N>([&](auto m, auto n)
                                   STRATA_INLINE { store(to + m * product_stride + n * lanes, tile.c[m][n]); });
    }
  }

  /// A^T m A of the tile of outputs from (row, column) on, and out with it.
  template <class Sink>
  static void transform_products(const float* from, const float* bias, int row, int column, Range range,
                                 const Sink& sink) {
    const int rows = std::min(M, out_height - row), columns = std::min(M, out_width - column);
    const int first = range.first * tile_vectors * lanes, end = std::min(range.end * tile_vectors * lanes, filters);
    auto transform = [&](int filter, auto count) STRATA_INLINE {
      V out[M][M];
      winograd_output<M>(from + filter - first, product_size, out);
      const V b = bias ? load<count>(bias + filter) : V{};
      for (int i = 0; i < rows; ++i)
        for (int j = 0; j < columns; ++j)
          sink(((row + i) * out_width + column + j) * filters + filter, out[i][j] + b, count);
    };
    for (int filter = first; filter + lanes <= end; filter += lanes)
      transform(filter, std::integral_constant<int, lanes>{});
    if constexpr (filters % lanes != 0)
      if (end == filters) transform(filters - filters % lanes, std::integral_constant<int, filters % lanes>{});
  }
};

}  // namespace STRATA_ISA
}  // namespace strata::cpu
