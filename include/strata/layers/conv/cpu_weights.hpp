// The weight and bias gradients of Conv on the CPU: sums over all pixels of all samples,
//
//     dkernel[i, j, c, f] = sum over n, h, w of x[n, h * stride + i - top, w * stride + j - left, c] * dz[n, h, w, f]
//     dbias[f] = sum over n, h, w of dz[n, h, w, f]
//
// A tile is M rows (taps and channels) times N vectors of filters; it stays in registers while some samples' pixels go
// by, then goes back to memory and the next tile sees the same pixels.
#pragma once

#include <strata/cpu/microkernel.hpp>
#include <strata/cpu/samples.hpp>
#include <strata/layers/window.hpp>

#include <algorithm>
#include <cstring>

namespace strata::cpu {
inline namespace STRATA_ISA {

/// True where samples are summed in chunks, and the chunks in order: while that costs little memory and an image is
/// small; else all in one go. A chunk of samples goes through all its gradients while it is in the core's cache.
constexpr bool sums_by_chunks(int kernel_floats, int pixels) { return kernel_floats <= 131072 && pixels <= 4096; }

template <class G, strata::detail::Window W, int Filters, bool HasBias>
struct weight_gradient {
  static constexpr Shape in = G::shapes[G::producer];
  static constexpr Shape out = G::produced;
  static constexpr int kh = W.kernel.height, kw = W.kernel.width;
  static constexpr int size = kh * kw * in.channels * Filters;

  /// Rows whose inputs lie side by side for every output pixel: without padding a whole row of taps, else one tap's
  /// channels. A small kernel without padding is one tile of all its taps.
  static constexpr bool padded = W.vertical.padding > 0 || W.horizontal.padding > 0 ||
                                 (out.height - 1) * W.stride + kh > in.height ||
                                 (out.width - 1) * W.stride + kw > in.width;
  static constexpr bool whole = !padded && kh * kw * in.channels <= (registers == 32 ? 25 : 12);
  static constexpr int rows = whole ? kh * kw * in.channels : padded ? in.channels : kw * in.channels;
  static constexpr int blocks = whole ? 1 : padded ? kh * kw : kh;
  static constexpr TileShape shape =
      whole ? TileShape{rows, registers == 32 && rows <= 12 ? 2 : 1} : choose_tile(rows, Filters);
  static constexpr int panel_vectors = std::min(shape.vectors, (Filters + lanes - 1) / lanes);
  static constexpr int panels = (Filters + panel_vectors * lanes - 1) / (panel_vectors * lanes);
  static constexpr int tiles_down = (rows + shape.rows - 1) / shape.rows;
  static constexpr int tiles = blocks * tiles_down * panels;

  /// The number follows from the shape alone, so the sums do not depend on the number of threads.
  static constexpr int chunks = sums_by_chunks(size, out.height* out.width) ? 16 : 1;
  static constexpr std::int64_t chunk_floats =
      strata::detail::round_up(size + Filters + lanes, strata::detail::floats_per_line);
  static constexpr std::int64_t fixed_bytes = chunks > 1 ? chunks* chunk_floats * 4 : 0;

  /// Samples that a tile sees between two visits of memory.
  static constexpr int pixels = out.height * out.width;
  static constexpr int slots = std::clamp(256 / pixels, 1, 4);

  /// And output rows of a large image, so that they stay in a core's cache while the tiles go by.
  static constexpr int band = pixels <= 512 ? out.height : std::clamp(256 / out.width, 1, out.height);

  /// Where many tiles read a panel of dz, it is copied so that its vectors lie side by side.
  static constexpr bool packs = panels > 1 && blocks* tiles_down >= 8;
  static constexpr int packed_stride = panel_vectors * lanes;
  static constexpr std::int64_t thread_bytes =
      packs ? strata::detail::round_up(std::int64_t{slots} * band * out.width * packed_stride * 4,
                                       strata::detail::line_bytes)
            : 0;
  static constexpr int pixel_stride = packs ? packed_stride : Filters;
  static constexpr int sample_stride =
      packs ? band * out.width * packed_stride : static_cast<int>(strata::cpu::stride(out));

  /// Output rows [begin, end).
  struct Rows {
    int begin, end;
  };

  /// Sums of no samples.
  static void clear(float* to) { std::memset(to, 0, static_cast<std::size_t>(chunk_floats) * sizeof(float)); }

  /// Adds the products of some samples (x: the first one's inputs, dz: its gradient) to the tiles [begin, end) of
  /// `kernel`, or begins there, and the sums of dz to `bias` if tile 0 is among them.
  static void add(const float* x, const float* dz, int samples, bool begins, int begin, int end, float* scratch,
                  float* kernel, float* bias) {
    constexpr int per_panel = blocks * tiles_down;
    for (int row = 0; row < out.height; row += band) {
      const Rows rows_of_band{row, std::min(row + band, out.height)};
      for (int panel = begin / per_panel; panel * per_panel < end; ++panel) {
        const int filter = panel * panel_vectors * lanes;
        const float* d = dz + filter;
        if constexpr (packs) {
          pack(d, samples, rows_of_band, std::min(packed_stride, (Filters - filter + lanes - 1) / lanes * lanes),
               scratch);
          d = scratch;
        }
        for (int t = std::max(begin, panel * per_panel); t < std::min(end, (panel + 1) * per_panel); ++t)
          tile_of(x, d, samples, rows_of_band, begins && row == 0, panel, t % per_panel, kernel);
      }
    }
    if (HasBias && begin == 0) add_bias(dz, samples, begins, bias);
  }

  /// True where the gradient is spread over the pooling's windows in registers, and never stored: the kernel is one
  /// small tile, and all that lies before the pooling goes back on pooled values.
  static constexpr bool from_pooled = [] {
    if constexpr (whole && G::reduction >= 0) {
      using B = Band<G>;
      return windows_tile<typename B::layer, B::from> && rows <= 12 &&
             B::window.kernel.height * B::window.kernel.width <= 4 &&
             (G::backward_at_reduced || !G::works(G::before, G::reduction_or_end));
    } else {
      return false;
    }
  }();

  /// As add, of one sample, from the gradient of the pooled values.
  static void add_pooled(const GroupArgs& a, int sample, bool begins, float* kernel, float* bias) {
    for (int panel = 0; panel + 1 < panels; ++panel)
      pooled_tile<panel_vectors, lanes>(a, sample, begins, panel * panel_vectors * lanes, kernel, bias);
    constexpr int last_filter = (panels - 1) * panel_vectors * lanes;
    constexpr int last_vectors = (Filters - last_filter + lanes - 1) / lanes;
    pooled_tile<last_vectors, Filters - last_filter - (last_vectors - 1) * lanes>(a, sample, begins, last_filter,
                                                                                  kernel, bias);
  }

  /// The sums of all chunks, in order.
  static void total(const GroupArgs& a, const float* sums, float* kernel, float* bias) {
    constexpr int step = 4096;
    auto sum_up = [&](int begin, int end, const float* from, float* to) {
      for (int i = begin; i < end; i += lanes) {
        V sum = load(from + i);
        for (int chunk = 1; chunk < chunks; ++chunk) sum += load(from + chunk * chunk_floats + i);
        if (i + lanes <= end)
          store(to + i, sum);
        else
          std::memcpy(to + i, &sum, sizeof(float) * static_cast<std::size_t>(end - i));
      }
    };
    a.pool->run((size + step - 1) / step, [&](int task, int) {
      sum_up(task * step, std::min(size, (task + 1) * step), sums, kernel);
      if (HasBias && task == 0) sum_up(0, Filters, sums + size, bias);
    });
  }

  /// Both gradients of the whole batch, for kernels too large for chunks: the threads share the tiles.
  static void run(const GroupArgs& a, const float* dz, float* kernel, float* bias) {
    // Each task reads all samples once, so tasks are few where these come from memory.
    constexpr int wanted = pixels > 16384 ? 8 : band < out.height ? 16 : 64;
    constexpr int per_task = std::max(1, tiles / wanted);
    constexpr int tasks = (tiles + per_task - 1) / per_task;
    a.pool->run(tasks, [&](int task, int thread) {
      for (int sample = 0; sample < a.batch; sample += slots)
        add(a.input + sample * stride(G::input), dz + sample * stride(out), std::min(slots, a.batch - sample),
            sample == 0, task * per_task, std::min(tiles, (task + 1) * per_task), a.scratch_of(thread), kernel, bias);
    });
  }

 private:
  /// Adds the products of one pixel, at (Row, Column) of a window's patch, and the gradients of the places whose taps
  /// meet it.
  template <int Row, int Column, int Channel, int M, int N, int Places, int... Place, class Columns>
  STRATA_INLINE static void multiply_places(Tile<M, N>& sum, float pixel, const V (&spread)[Places][N],
                                            std::integer_sequence<int, Place...>, Columns columns) {
    constexpr int width = Band<G>::window.kernel.width;
    (multiply_place<Row - Place / width * W.stride, Column - Place % width * W.stride, Channel>(sum, pixel,
                                                                                                spread[Place], columns),
     ...);
  }
  template <int Row, int Column, int Channel, int M, int N, class Columns>
  STRATA_INLINE static void multiply_place(Tile<M, N>& sum, float pixel, const V (&gradient)[N], Columns columns) {
    if constexpr (Row >= 0 && Row < kh && Column >= 0 && Column < kw)
      multiply_row(sum.c[(Row * kw + Column) * in.channels + Channel], pixel, gradient, columns);
  }

  /// All taps times N vectors of filters, summed over the windows of one sample.
  template <int N, int Tail>
  [[gnu::noinline]] static void pooled_tile(const GroupArgs& a, int sample, bool begins, int filter, float* kernel,
                                            float* bias) {
    using Pooling = typename Band<G>::layer;
    constexpr int height = Band<G>::window.kernel.height, width = Band<G>::window.kernel.width;
    constexpr auto columns = std::make_integer_sequence<int, N>{};
    Tile<rows + 1, N> sum;  // the last row is the bias
    auto at = [&](int m) { return m < rows ? kernel + m * Filters + filter : bias + filter; };
    for_tile<rows + 1, N>([&](int m, auto n) STRATA_INLINE {
      sum.c[m][n] = begins ? V{} : load<(n + 1 == N ? Tail : lanes)>(at(m) + n * lanes);
    });
    const PooledGradient<G, Order::by_panels> gradient{a, sample, a.output_gradient + sample * stride(G::output)};
    const std::byte* kept = kept_of<G>(a, sample);
    const float* x = a.input + sample * stride(G::input);
    for (int row = 0; row < G::reduced.height; ++row)
      for (int column = 0; column < G::reduced.width; ++column) {
        const int index = (row * G::reduced.width + column) * Filters + filter;
        V dy[N], spread[height * width][N];
        strata::detail::unroll<N>([&](auto n) STRATA_INLINE {
          constexpr std::integral_constant<int, (n + 1 == N ? Tail : lanes)> count;
          dy[n] = gradient(index + n * lanes, count);
          const typename cpu::kernel<Pooling>::Spread of(kept, index + n * lanes, dy[n], count, height * width);
          strata::detail::unroll<height * width>([&](auto place) STRATA_INLINE { spread[place][n] = of.at(place); });
        });
        // A pixel serves all places of the window that have a tap on it.
        const float* p = x + (row * height * in.width + column * width) * W.stride * in.channels;
        constexpr int patch_height = (height - 1) * W.stride + kh, patch_width = (width - 1) * W.stride + kw;
        strata::detail::unroll<patch_height * patch_width * in.channels>([&](auto i) STRATA_INLINE {
          constexpr int channel = i % in.channels, pixel = i / in.channels;
          constexpr int y = pixel / patch_width, c = pixel % patch_width;
          multiply_places<y, c, channel>(sum, p[(y * in.width + c) * in.channels + channel], spread,
                                         std::make_integer_sequence<int, height * width>{}, columns);
        });
        strata::detail::unroll<N>([&](auto n) STRATA_INLINE { sum.c[rows][n] += dy[n]; });
      }
    for_tile<rows + 1, N>([&](int m, auto n)
                              STRATA_INLINE { store<(n + 1 == N ? Tail : lanes)>(at(m) + n * lanes, sum.c[m][n]); });
  }

  /// Where row r of a tile reads its inputs, from the tile's first one.
  static constexpr int row_offset(int r) {
    return whole ? (r / (kw * in.channels)) * in.width * in.channels + r % (kw * in.channels) : r;
  }

  /// Copies the vectors of a panel, `width` floats of every pixel.
  static void pack(const float* dz, int samples, Rows h, int width, float* to) {
    const int count = (h.end - h.begin) * out.width;
    for (int s = 0; s < samples; ++s) {
      const float* from = dz + s * strata::cpu::stride(out) + std::int64_t{h.begin} * out.width * Filters;
      for (int pixel = 0; pixel < count; ++pixel)
        for (int f = 0; f < width; f += lanes)
          store(to + s * sample_stride + pixel * packed_stride + f, load(from + std::int64_t{pixel} * Filters + f));
    }
  }

  /// One tile: M rows from `row` of `block`, N vectors of filters, of which the last one has Tail that count.
  template <int M, int N, int Tail>
  [[gnu::noinline]] static void tile(const float* x, const float* dz, int samples, Rows band_rows, bool begins,
                                     int block, int row, float* to) {
    const int tap_h = whole ? 0 : padded ? block / kw : block, tap_w = padded ? block % kw : 0;
    Tile<M, N> sum;
    if (begins)
      for_tile<M, N>([&](int m, auto n) STRATA_INLINE { sum.c[m][n] = V{}; });
    else
      for_tile<M, N>([&](int m, auto n) STRATA_INLINE {
        sum.c[m][n] = load<(n + 1 == N ? Tail : lanes)>(to + m * Filters + n * lanes);
      });
    // Output columns whose tap lies inside the image.
    const int shift = tap_w - W.horizontal.padding;
    const int column0 = padded ? std::max(0, (-shift + W.stride - 1) / W.stride) : 0;
    const int column1 = !padded             ? out.width
                        : shift >= in.width ? 0  // the tap lies behind the image everywhere
                                            : std::min(out.width, (in.width - 1 - shift) / W.stride + 1);
    for (int s = 0; s < samples; ++s, x += stride(G::input), dz += sample_stride)
      for (int h = band_rows.begin; h < band_rows.end; ++h) {
        const int y = h * W.stride + tap_h - W.vertical.padding;
        if (padded && (y < 0 || y >= in.height)) continue;
        const float* p = x + (y * in.width + column0 * W.stride + shift) * in.channels + row;
        const float* q = dz + ((packs ? h - band_rows.begin : h) * out.width + column0) * pixel_stride;
        multiply_add(
            sum, column1 - column0,
            [p](int m, int k) STRATA_INLINE { return p[row_offset(m) + k * W.stride * in.channels]; },
            [q](int k, int n) STRATA_INLINE { return load(q + k * pixel_stride + n * lanes); });
      }
    for_tile<M, N>([&](int m, auto n) STRATA_INLINE {
      store<(n + 1 == N ? Tail : lanes)>(to + m * Filters + n * lanes, sum.c[m][n]);
    });
  }

  /// Tile number t of a panel.
  static void tile_of(const float* x, const float* dz, int samples, Rows h, bool begins, int panel, int t,
                      float* kernel) {
    const int down = t % tiles_down, block = t / tiles_down, row = down * shape.rows;
    float* to = kernel + std::int64_t{block * rows + row} * Filters + panel * panel_vectors * lanes;
    constexpr int last_filters = Filters - (panels - 1) * panel_vectors * lanes;
    constexpr int last_vectors = (last_filters + lanes - 1) / lanes;
    constexpr int last_rows = rows - (tiles_down - 1) * shape.rows;
    auto columns = [&](auto m) {
      if (panels > 1 && panel + 1 < panels)
        tile<m, panel_vectors, lanes>(x, dz, samples, h, begins, block, row, to);
      else
        tile<m, last_vectors, last_filters - (last_vectors - 1) * lanes>(x, dz, samples, h, begins, block, row, to);
    };
    if (tiles_down > 1 && down + 1 < tiles_down)
      columns(std::integral_constant<int, shape.rows>{});
    else
      columns(std::integral_constant<int, last_rows>{});
  }

  /// Each sample's pixels, then the samples, so that no sum has more than a sample's terms in a row.
  static void add_bias(const float* dz, int samples, bool begins, float* to) {
    for_vectors<Filters>([&](int f, auto count) STRATA_INLINE {
      V sum = begins ? V{} : load<count>(to + f);
      for (int s = 0; s < samples; ++s) {
        V of_sample{};
        const float* d = dz + s * strata::cpu::stride(out) + f;
        for (int pixel = 0; pixel < pixels; ++pixel) of_sample += load(d + pixel * Filters);
        sum += of_sample;
      }
      store<count>(to + f, sum);
    });
  }
};

}  // namespace STRATA_ISA
}  // namespace strata::cpu
