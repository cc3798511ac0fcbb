// Convolutions of 3x3 kernels and stride 1 by Winograd's F(2x2, 3x3) and F(4x4, 3x3), one sample in blocks of tiles.
#pragma once

#include <strata/cpu/microkernel.hpp>
#include <strata/cpu/winograd_transform.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

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
/// the shape alone, where `samples` images share a reading of the packed kernel. In multiply-adds of vectors: the
/// products, at least eight in flight; what a tile costs besides, each vector of channels and of filters through its
/// transform; and reading the packed kernel where it does not stay in the second-level cache. Fitted to 64 shapes from
/// 2x2x256-256 to 112x112x32-32 on Zen 5 with AVX-512, with both tiles: estimate over measurement is 0.96 in the median
/// and 0.72 to 1.07 in nine of ten, low for small convolutions; none that gains more than 1.1 by the estimate loses.
constexpr double winograd_gain(const WinogradShape& s, int m, int samples = 1) {
  auto parts = [](int n, int size) { return static_cast<double>((n + size - 1) / size); };
  const double channels = s.channels, positions = (m + 2) * (m + 2);
  const double channel_vectors = parts(s.channels, lanes), filter_vectors = parts(s.filters, lanes);
  const double tiles = parts(s.out_height, m) * parts(s.out_width, m);
  const double direct = 9.0 * s.out_height * s.out_width * channels * filter_vectors / 0.95;
  const double products = positions * channels * std::max(tiles * filter_vectors, 8.0 / samples) * 1.1;
  const double transforms = tiles * (m == 4 ? 350 + 400 * channel_vectors + 300 * filter_vectors
                                            : 140 + 90 * channel_vectors + 70 * filter_vectors);
  const double bytes = positions * channels * filter_vectors * lanes * 4;
  const double reading = bytes < 600e3 ? 0 : bytes * (bytes < 20e6 ? 0.095 : 0.15) / samples;
  const double computing = products + transforms;
  return direct / (std::max(computing, reading) + 0.4 * std::min(computing, reading));
}

/// Where a block's outputs go: output (row, column) of `filter` of the block's sample number i to index
/// ((row - first_row) * width + column - first_column) * filters + filter - first_filter + i * stride.
struct WinogradTarget {
  int first_row, first_column, first_filter;
  int width, filters;
  int stride = 0;
};

/// What a block reads: `count` samples, `stride` floats apart.
struct WinogradSource {
  const float* x;
  int count = 1;
  int stride = 0;
};

/// How a convolution of shape S runs with tiles of m x m outputs: its blocks, its register tiles and its memory.
struct WinogradPlan : WinogradShape {
  int m, most_samples;

  constexpr WinogradPlan(const WinogradShape& s, int tile, int most_samples_of_a_block = 1)
      : WinogradShape(s), m(tile), most_samples(most_samples_of_a_block) {}

  static constexpr int parts_of(int n, int size) { return (n + size - 1) / size; }
  int side = m + 2, positions = side * side;

  // Blocks: whole rows of tiles, or equal parts of one row; where a whole image has fewer tiles, those of as many
  // samples as are allowed. About 32 tiles share one reading of the packed kernel and lie in the second-level cache
  // with their products.
  int tiles_wanted = m == 4 ? 32 : 64;
  int tile_rows = parts_of(out_height, m), tile_columns = parts_of(out_width, m);
  int column_parts = parts_of(tile_columns, tiles_wanted * 3 / 2);
  int row_parts = column_parts > 1 ? tile_rows : parts_of(tile_rows, std::max(1, tiles_wanted / tile_columns));
  int samples =
      std::clamp(tiles_wanted / (tile_rows * tile_columns), 1, row_parts* column_parts > 1 ? 1 : most_samples);
  int most_tiles = samples * parts_of(tile_rows, row_parts) * parts_of(tile_columns, column_parts);
  int least_tiles = samples * (tile_rows / row_parts) * (tile_columns / column_parts);

  // A small image with many filters: threads share the filters, and each reads only its part of the packed kernel.
  int filter_parts = most_samples == 1 && row_parts * column_parts < 4 && filters >= 256 ? 2 : 1;

  // Register tiles of the products; panels are the columns of one.
  int tile_height = choose_tile(least_tiles, filters).rows;
  int tile_vectors = choose_tile(least_tiles, filters).vectors;
  int vectors = parts_of(filters, lanes);
  int panels = parts_of(vectors, tile_vectors);
  int last_vectors = vectors - (panels - 1) * tile_vectors;
  int panel_size = tile_vectors * lanes * channels;

  // Floats between neighbouring tiles, and between positions: one vector more than a multiple of the page, which
  // keeps the positions of a tile out of one set of the cache.
  int data_stride = parts_of(channels, lanes) * lanes;
  int product_stride = std::min(vectors, parts_of(panels, filter_parts) * tile_vectors) * lanes;
  int data_size = most_tiles * data_stride + lanes;
  int product_size = most_tiles * product_stride + lanes;
  int packed_size = vectors * lanes * channels + lanes;
  int patch_size = (parts_of(positions * channels, lanes) + 1) * lanes;

  /// Floats of the packed kernel, and of the scratch memory of one thread. Both want the alignment of a vector.
  std::int64_t packed_floats = std::int64_t{positions} * packed_size;
  std::int64_t scratch_floats = std::int64_t{positions} * (data_size + product_size) + patch_size;

  /// Independent tasks of one sample, or of as many as share a block, in ascending order of rows, then columns, then
  /// filters.
  int blocks = row_parts * column_parts * filter_parts;

  /// In how many groups the samples of a batch go by: `samples` in each, or fewer, so that all threads have a block.
  constexpr int groups(int batch, int threads) const {
    return std::min(batch, std::max(parts_of(batch, samples), parts_of(threads, blocks)));
  }

  struct Range {
    int first, end;
  };
  static constexpr Range share(int n, int part, int parts) { return {n * part / parts, n * (part + 1) / parts}; }
  constexpr Range panels_of(int block) const { return share(panels, block % filter_parts, filter_parts); }
  constexpr Range columns_of(int block) const {
    return share(tile_columns, block / filter_parts % column_parts, column_parts);
  }
  constexpr Range rows_of(int block) const { return share(tile_rows, block / filter_parts / column_parts, row_parts); }

  /// What a block writes.
  constexpr WinogradRegion region(int block) const {
    const Range r = rows_of(block), c = columns_of(block), p = panels_of(block);
    const int row = r.first * m, column = c.first * m, filter = p.first * tile_vectors * lanes;
    return {row,    std::min(r.end * m, out_height) - row,
            column, std::min(c.end * m, out_width) - column,
            filter, std::min(p.end * tile_vectors * lanes, filters) - filter};
  }

  /// Outputs in their places in whole samples, which lie `stride` floats apart.
  constexpr WinogradTarget whole(int stride = 0) const { return {0, 0, 0, out_width, filters, stride}; }
};

/// What the code of a block is made for: tiles of m x m outputs, the register tile of the products and its last,
/// narrower panel, floats from tile to tile of the data, and the filters behind the last whole vector. Images of many
/// sizes share it.
struct WinogradBlock {
  int m, tile_height, tile_vectors, last_vectors, data_stride, tail;
  bool prefetches;
};
constexpr WinogradBlock winograd_block(const WinogradPlan& p) {
  return {.m = p.m,
          .tile_height = p.tile_height,
          .tile_vectors = p.tile_vectors,
          .last_vectors = p.last_vectors,
          .data_stride = p.data_stride,
          .tail = p.filters % lanes,
          .prefetches = p.packed_floats > std::int64_t{1} << 19};  // 2 MiB: it comes from beyond the second-level cache
}

/// The patch of side x side pixels from (row, column) on, with zeros where there is no image.
inline void copy_winograd_patch(const WinogradPlan& p, const float* x, int row, int column, float* patch) {
  const int before = std::clamp(-column, 0, p.side), end = std::clamp(p.width - column, before, p.side);
  const int floats = p.side * p.channels;
  for (int i = row; i < row + p.side; ++i, patch += floats) {
    const bool inside = i >= 0 && i < p.height && end > before;
    const int first = inside ? before * p.channels : floats, last = inside ? end * p.channels : floats;
    std::fill(patch, patch + first, 0.0f);
    if (inside) std::copy_n(x + (i * p.width + column + before) * p.channels, last - first, patch + first);
    std::fill(patch + last, patch + floats, 0.0f);
  }
}

/// B^T d B of the tile whose patch begins at (row, column).
template <int M>
void transform_winograd_data(const WinogradPlan& p, const float* x, int row, int column, float* patch, float* to) {
  if (row >= 0 && row + p.side <= p.height && column >= 0 && column + p.side <= p.width) {
    winograd_data<M>(x + (row * p.width + column) * p.channels, p.width * p.channels, p.channels, to, p.data_size);
  } else {
    copy_winograd_patch(p, x, row, column, patch);
    winograd_data<M>(patch, p.side * p.channels, p.channels, to, p.data_size);
  }
}

/// The products of one position with one panel of N vectors of filters, in register tiles of Height tiles, whose data
/// lie Stride floats apart. Prefetches: the kernel comes from the third-level cache or memory, and is asked for one
/// panel ahead.
template <int Height, int N, int Stride, bool Prefetches>
[[gnu::noinline]] void multiply_winograd(const WinogradPlan& p, const float* data, const float* packed, float* product,
                                         int tiles) {
  const int ahead = p.panel_size, product_stride = p.product_stride;
  for (int t = 0; t < tiles; t += Height) {
    // The last one is moved back, and computes some tiles twice. Where the samples are so few that there is no room to
    // go back, it also computes what nobody asks for, of data left from before.
    const int at = std::max(0, std::min(t, tiles - Height));
    const float* v = data + at * Stride;
    float* to = product + at * product_stride;
    Tile<Height, N> tile;
    for_tile<Height, N>([&](auto m, auto n) STRATA_INLINE { tile.c[m][n] = V{}; });
    multiply_add(
        tile, p.channels, [v](int m, int k) STRATA_INLINE { return v[m * Stride + k]; },
        [=](int k, int n) STRATA_INLINE {
          const float* u = packed + (k * N + n) * lanes;
          if constexpr (Prefetches) __builtin_prefetch(u + ahead, 0, 2);
          return load(u);
        });
    for_tile<Height, N>([&](auto m, auto n)
                            STRATA_INLINE { store(to + m * product_stride + n * lanes, tile.c[m][n]); });
  }
}

/// A^T m A of the tile of outputs from (row, column) on, for the filters [first, end), and out with it, `place` further
/// than the target says. Tail is what is left of all filters behind the last whole vector.
template <int M, int Tail, class Sink>
void transform_winograd_products(const WinogradPlan& p, const WinogradTarget& target, const float* from,
                                 const float* bias, int row, int column, int first, int end, int place,
                                 const Sink& sink) {
  const int rows = std::min(M, p.out_height - row), columns = std::min(M, p.out_width - column);
  const int corner = place + ((row - target.first_row) * target.width + column - target.first_column) * target.filters;
  auto transform = [&](int filter, auto count) STRATA_INLINE {
    V out[M][M];
    winograd_output<M>(from + filter - first, p.product_size, out);
    const V b = bias ? load<count>(bias + filter) : V{};
    const int index = corner + filter - target.first_filter;
    for (int i = 0; i < rows; ++i)
      for (int j = 0; j < columns; ++j) sink(index + (i * target.width + j) * target.filters, out[i][j] + b, count);
  };
  for (int filter = first; filter + lanes <= end; filter += lanes)
    transform(filter, std::integral_constant<int, lanes>{});
  if constexpr (Tail != 0)
    if (end == p.filters) transform(p.filters - Tail, std::integral_constant<int, Tail>{});
}

/// The outputs of one block, plus the bias where it is not null. Each vector of neighbouring filters of a pixel goes
/// to sink(index, V, integral_constant<int, count>) once, with the target's index. Reads of a sample may reach one
/// vector beyond its end.
template <WinogradBlock K, class Sink>
void run_winograd_block(const WinogradPlan& p, const WinogradTarget& target, const WinogradSource& source,
                        const float* packed, const float* bias, float* scratch, int block, const Sink& sink) {
  float* const data = scratch;
  float* const product = data + p.positions * p.data_size;
  float* const patch = product + p.positions * p.product_size;
  const WinogradPlan::Range rows = p.rows_of(block), columns = p.columns_of(block), range = p.panels_of(block);

  float* to = data;
  for (int sample = 0; sample < source.count; ++sample)
    for (int row = rows.first; row < rows.end; ++row)
      for (int column = columns.first; column < columns.end; ++column, to += K.data_stride)
        transform_winograd_data<K.m>(p, source.x + sample * source.stride, row * K.m - p.top, column * K.m - p.left,
                                     patch, to);

  const int tiles = source.count * (rows.end - rows.first) * (columns.end - columns.first);
  for (int position = 0; position < p.positions; ++position) {
    const float* v = data + position * p.data_size;
    const float* u = packed + std::int64_t{position} * p.packed_size + range.first * p.panel_size;
    float* to_panel = product + position * p.product_size;
    for (int panel = range.first; panel < range.end; ++panel, u += p.panel_size, to_panel += K.tile_vectors * lanes)
      if (panel + 1 < p.panels)
        multiply_winograd<K.tile_height, K.tile_vectors, K.data_stride, K.prefetches>(p, v, u, to_panel, tiles);
      else
        multiply_winograd<K.tile_height, K.last_vectors, K.data_stride, K.prefetches>(p, v, u, to_panel, tiles);
  }

  const float* from = product;
  const int first = range.first * K.tile_vectors * lanes, end = std::min(range.end * K.tile_vectors * lanes, p.filters);
  for (int sample = 0; sample < source.count; ++sample)
    for (int row = rows.first; row < rows.end; ++row)
      for (int column = columns.first; column < columns.end; ++column, from += p.product_stride)
        transform_winograd_products<K.m, K.tail>(p, target, from, bias, row * K.m, column * K.m, first, end,
                                                 sample * target.stride, sink);
}

/// Share `part` of `parts` of the kernel's transform G g G^T: kernel is 3 x 3 x channels x filters, packed is
/// positions x panels of filters x channels x the panel's filters.
template <int M>
void pack_winograd(const WinogradPlan& p, const float* kernel, float* packed, int part, int parts) {
  const std::int64_t units = std::int64_t{p.panels} * p.channels;
  for (std::int64_t i = units * part / parts; i < units * (part + 1) / parts; ++i) {
    const int panel = static_cast<int>(i / p.channels), c = static_cast<int>(i % p.channels);
    const int in_panel = panel + 1 < p.panels ? p.tile_vectors : p.last_vectors;
    float* to = packed + panel * p.panel_size + c * in_panel * lanes;
    for (int n = 0; n < in_panel; ++n, to += lanes) {
      const int filter = (panel * p.tile_vectors + n) * lanes;
      winograd_kernel<M>(kernel + c * p.filters + filter, p.channels * p.filters, lanes_at(filter, p.filters), to,
                         p.packed_size);
    }
  }
}

/// The convolution S with tiles of M x M outputs, M = 2 or 4: 16 products for 4 outputs or 36 for 16, where the direct
/// form has 36 and 144. A block of about 32 tiles at a time: the image's patches of (M + 2) x (M + 2) pixels are
/// transformed, one matrix product for each of the (M + 2)^2 positions sums over the channels (tiles x channels times
/// channels x filters), and the products are transformed back. The order of every sum follows from S alone.
///
/// Largest error over the largest output against a double reference, in VGG-16's layers (R5's second) with normal data
/// behind a ReLU and He's weights: F(4x4) 1.0e-6 to 3.3e-6 (1.0e-6), F(2x2) 0.2e-6 to 0.9e-6 (0.3e-6), the direct form
/// 0.2e-6 to 2.1e-6 (0.7e-6). With symmetric data F(4x4) reaches 5.1e-6; the bound is 2e-5.
///
/// A block takes the tiles of up to Samples images where each has few.
template <WinogradShape S, int M, int Samples = 1>
struct winograd {
  static_assert(M == 2 || M == 4, "Winograd's convolution has tiles of 2 x 2 or 4 x 4 outputs");

  static constexpr WinogradPlan plan{S, M, Samples};
  static_assert(plan.panels >= plan.filter_parts);

  template <class Sink>
  static void block(const WinogradSource& source, const float* packed, const float* bias, float* scratch, int block,
                    const WinogradTarget& target, const Sink& sink) {
    run_winograd_block<winograd_block(plan)>(plan, target, source, packed, bias, scratch, block, sink);
  }
};

}  // namespace STRATA_ISA
}  // namespace strata::cpu
