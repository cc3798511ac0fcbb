// Conv by Winograd's minimal filtering on the CPU: which convolutions run so, and how a group rides on it.
#pragma once

#include <strata/cpu/samples.hpp>
#include <strata/cpu/winograd.hpp>
#include <strata/layers/window.hpp>

namespace strata::cpu {
inline namespace STRATA_ISA {

/// The forward convolution of group G by blocks of Winograd's tiles, with its elementwise layers and its pooling.
template <class G, strata::detail::Window W, int Filters>
struct winograd_forward {
  static constexpr Shape in = G::shapes[G::producer];
  static constexpr Shape out = G::produced;
  static constexpr Convolution convolution = G::backend::convolution;
  static constexpr WinogradShape shape{
      in.height, in.width, in.channels, Filters, W.vertical.padding, W.horizontal.padding, out.height, out.width};
  static constexpr int tile = convolution == Convolution::winograd_2 ? 2 : 4;

  /// True where the convolution can run so: 3 x 3 pixels, stride 1, and windows of the pooling that tile Winograd's
  /// tiles.
  static constexpr bool is_possible = [] {
    if (W.kernel.height != 3 || W.kernel.width != 3 || W.stride != 1) return false;
    if constexpr (G::reduction < 0)
      return true;
    else
      return pools_in_registers<G> && tile % Band<G>::window.kernel.height == 0 &&
             tile % Band<G>::window.kernel.width == 0;
  }();

  /// True where it does: on request everywhere, else in prediction where it is faster.
  static constexpr bool on_request = convolution == Convolution::winograd_2 || convolution == Convolution::winograd_4;
  static constexpr bool when_faster =
      convolution == Convolution::automatic && G::mode == Mode::inference && winograd_gain(shape, 4) > 1.1;
  static constexpr bool applies = is_possible && (on_request || when_faster);

  /// True where it runs even if nobody has packed the kernel before. Packing takes about as long as the direct form of
  /// 256 pixels: from there on a single image loses little, and every further one of the batch gains; a small one is
  /// better off with the direct form.
  static constexpr bool always = applies && (on_request || out.height * out.width >= 256);

  using transform = winograd<shape, tile>;

  static constexpr std::int64_t packed_bytes =
      strata::detail::round_up(transform::plan.packed_floats * 4, strata::detail::line_bytes);

  /// Floats of a block's outputs, between the convolution and its pooling.
  static constexpr std::int64_t block_floats = [] {
    std::int64_t most = 0;
    if (G::reduction >= 0)
      for (int b = 0; b < transform::plan.blocks; ++b) {
        const WinogradRegion r = transform::plan.region(b);
        most = std::max(most, std::int64_t{r.rows} * r.columns * r.filters);
      }
    return most + lanes;
  }();
  static constexpr std::int64_t own_bytes =
      strata::detail::round_up(transform::plan.scratch_floats * 4, strata::detail::line_bytes);
  static constexpr std::int64_t thread_bytes = own_bytes + block_floats * 4;

  /// Transforms a kernel.
  static void pack(Pool& pool, const float* kernel, float* packed) {
    constexpr int parts = 16;
    pool.run(parts, [&](int part, int) { transform::pack(kernel, packed, part, parts); });
  }

  static void run(const GroupArgs& a, const float* packed, const float* bias) {
    a.pool->run(a.batch * transform::plan.blocks, [&](int task, int thread) {
      const int sample = task / transform::plan.blocks, block = task % transform::plan.blocks;
      const float* x = a.input + sample * stride(G::input);
      float* output = a.output + sample * stride(G::output);
      float* scratch = a.scratch_of(thread);
      if constexpr (G::reduction < 0) {
        transform::block(x, packed, bias, scratch, block, transform::plan.sample(), sink_of<G>(a, sample, output));
      } else {
        const WinogradRegion r = transform::plan.region(block);
        float* values = scratch + own_bytes / 4;
        const WinogradTarget in_block{r.row, r.column, r.filter, r.columns, r.filters};
        transform::block(x, packed, bias, scratch, block, in_block, StoringSink{values});
        pool_block(values, r, PooledSink<G>{a, sample, output, kept_of<G>(a, sample)});
      }
    });
  }

 private:
  static void pool_block(const float* values, const WinogradRegion& region, const PooledSink<G>& pooled) {
    constexpr int height = Band<G>::window.kernel.height, width = Band<G>::window.kernel.width;
    for (int row = 0; row + height <= region.rows; row += height)
      for (int column = 0; column + width <= region.columns; column += width)
        for (int filter = 0; filter < region.filters; filter += lanes) {
          auto window = [&](auto count) STRATA_INLINE {
            typename PooledSink<G>::Fold fold;
            strata::detail::unroll<height>([&](auto i) STRATA_INLINE {
              V x[width];
              strata::detail::unroll<width>([&](auto j) STRATA_INLINE {
                x[j] =
                    pooled.before(load(values + ((row + i) * region.columns + column + j) * region.filters + filter));
              });
              if constexpr (i == 0)
                fold.begin(x, 0);
              else
                fold.add(x, i * width);
            });
            const int pixel = (region.row + row) / height * G::reduced.width + (region.column + column) / width;
            pooled(pixel * Filters + region.filter + filter, fold, count);
          };
          if (filter + lanes <= region.filters)
            window(std::integral_constant<int, lanes>{});
          else if constexpr (Filters % lanes != 0)
            window(std::integral_constant<int, Filters % lanes>{});
        }
  }
};

}  // namespace STRATA_ISA
}  // namespace strata::cpu
