// The weight and bias gradients of Conv on the CPU: sums over all pixels of all samples.
#pragma once

#include <strata/cpu/kernel.hpp>
#include <strata/cpu/microkernel.hpp>
#include <strata/layers/window.hpp>

#include <algorithm>

namespace strata::cpu {
inline namespace STRATA_ISA {

/// Sums x * dz into the gradient of a kernel (rows: taps and channels, columns: filters). A tile of rows and filters
/// stays in registers over a chunk of samples. Kernels with few tiles split the samples into chunks and add the chunks
/// in order; the number of chunks follows from the shape alone, so the sums do not depend on the number of threads.
template <class G, strata::detail::Window W, int Filters>
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
  static constexpr int chunks = tiles >= 16 ? 1 : 8;
  static constexpr std::int64_t chunk_floats =
      strata::detail::round_up(size + Filters, strata::detail::floats_per_line);
  static constexpr std::int64_t fixed_bytes = chunks > 1 ? chunks* chunk_floats * 4 : 0;

  /// Where row r of a tile reads its inputs, from the tile's first one.
  static constexpr int row_offset(int r) {
    return whole ? (r / (kw * in.channels)) * in.width * in.channels + r % (kw * in.channels) : r;
  }

  /// One tile over samples [begin, end): M rows from `row` of `block`, N vectors of filters.
  template <int M, int N, int Tail>
  static void tile(const GroupArgs& a, const float* dz, int block, int row, int filter, int begin, int end, float* to) {
    const int tap_h = whole ? 0 : padded ? block / kw : block, tap_w = padded ? block % kw : 0;
    Tile<M, N> sum;
    for_tile<M, N>([&](auto m, auto n) STRATA_INLINE { sum.c[m][n] = V{}; });
    // Output columns whose tap lies inside the image.
    const int shift = tap_w - W.horizontal.padding;
    const int column0 = padded ? std::max(0, (-shift + W.stride - 1) / W.stride) : 0;
    const int column1 = !padded             ? out.width
                        : shift >= in.width ? 0  // the tap lies behind the image everywhere
                                            : std::min(out.width, (in.width - 1 - shift) / W.stride + 1);
    for (int sample = begin; sample < end; ++sample) {
      const float* x = a.input + sample * stride(G::input);
      const float* d = dz + sample * stride(out) + filter;
      for (int h = 0; h < out.height; ++h) {
        const int y = h * W.stride + tap_h - W.vertical.padding;
        if (padded && (y < 0 || y >= in.height)) continue;
        const float* p = x + (y * in.width + column0 * W.stride + shift) * in.channels + row;
        const float* q = d + (h * out.width + column0) * Filters;
        multiply_add(
            sum, column1 - column0,
            [p](auto m, int k) STRATA_INLINE { return p[row_offset(m) + k * W.stride * in.channels]; },
            [q](int k, int n) STRATA_INLINE { return load(q + k * Filters + n * lanes); });
      }
    }
    for_tile<M, N>([&](auto m, auto n) STRATA_INLINE {
      store<(n + 1 == N ? Tail : lanes)>(to + m * Filters + n * lanes, sum.c[m][n]);
    });
  }

  /// The tile of a given number.
  static void tile_of(const GroupArgs& a, const float* dz, int t, int begin, int end, float* kernel) {
    const int panel = t % panels, down = t / panels % tiles_down, block = t / panels / tiles_down;
    const int filter = panel * panel_vectors * lanes, row = down * shape.rows;
    float* to = kernel + (block * rows + row) * Filters + filter;
    constexpr int last_filters = Filters - (panels - 1) * panel_vectors * lanes;
    constexpr int last_vectors = (last_filters + lanes - 1) / lanes;
    constexpr int last_rows = rows - (tiles_down - 1) * shape.rows;
    auto columns = [&](auto m) {
      if (panels > 1 && panel + 1 < panels)
        tile<m, panel_vectors, lanes>(a, dz, block, row, filter, begin, end, to);
      else
        tile<m, last_vectors, last_filters - (last_vectors - 1) * lanes>(a, dz, block, row, filter, begin, end, to);
    };
    if (tiles_down > 1 && down + 1 < tiles_down)
      columns(std::integral_constant<int, shape.rows>{});
    else
      columns(std::integral_constant<int, last_rows>{});
  }

  /// Sum of dz over all pixels of samples [begin, end).
  static void bias_of(const float* dz, int begin, int end, float* to) {
    for_vectors<Filters>([&](int f, auto count) {
      V sum{};
      for (int sample = begin; sample < end; ++sample) {
        V of_sample{};
        const float* d = dz + sample * stride(out) + f;
        for (int pixel = 0; pixel < out.height * out.width; ++pixel) of_sample += load<count>(d + pixel * Filters);
        sum += of_sample;
      }
      store<count>(to + f, sum);
    });
  }

  /// Both gradients; `bias` may be null. `scratch` has fixed_bytes.
  static void run(const GroupArgs& a, const float* dz, float* kernel, float* bias, float* scratch) {
    if constexpr (chunks == 1) {
      a.pool->run(tiles + 1, [&](int task, int) {
        if (task < tiles)
          tile_of(a, dz, task, 0, a.batch, kernel);
        else if (bias)
          bias_of(dz, 0, a.batch, bias);
      });
    } else {
      a.pool->run(chunks * (tiles + 1), [&](int task, int) {
        const int chunk = task / (tiles + 1), t = task % (tiles + 1);
        const int begin = static_cast<int>(std::int64_t{a.batch} * chunk / chunks);
        const int end = static_cast<int>(std::int64_t{a.batch} * (chunk + 1) / chunks);
        float* to = scratch + chunk * chunk_floats;
        if (t < tiles)
          tile_of(a, dz, t, begin, end, to);
        else if (bias)
          bias_of(dz, begin, end, to + size);
      });
      auto add = [&](int i) {
        float sum = scratch[i];
        for (int chunk = 1; chunk < chunks; ++chunk) sum += scratch[chunk * chunk_floats + i];
        return sum;
      };
      for (int i = 0; i < size; ++i) kernel[i] = add(i);
      if (bias)
        for (int f = 0; f < Filters; ++f) bias[f] = add(size + f);
    }
  }
};

}  // namespace STRATA_ISA
}  // namespace strata::cpu
