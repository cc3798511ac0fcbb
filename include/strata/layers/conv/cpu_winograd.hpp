// Conv by Winograd's minimal filtering on the CPU: which convolutions run so, how a group rides on the forward one, and
// the input gradient.
#pragma once

#include <strata/cpu/samples.hpp>
#include <strata/cpu/winograd.hpp>
#include <strata/layers/conv/cpu_weights.hpp>
#include <strata/layers/window.hpp>

namespace strata::cpu {
inline namespace STRATA_ISA {

/// Images of a batch that may share a block in training, where a batch is large: as many as a block has tiles.
inline constexpr int winograd_training_samples = 64;

/// The tile that the backend's type or the estimate chooses for a convolution in training, 2 or 4; 0 where the direct
/// form is as fast, or asked for.
template <Convolution C>
constexpr int winograd_training_tile(const WinogradShape& s) {
  if (C == Convolution::direct) return 0;
  if (C == Convolution::winograd_2) return 2;
  if (C == Convolution::winograd_4) return 4;
  auto gain = [&](int m) { return winograd_gain(s, m, WinogradPlan{s, m, winograd_training_samples}.samples); };
  const int m = gain(4) >= gain(2) ? 4 : 2;
  return gain(m) > 1.1 ? m : 0;
}

/// Transforms a kernel.
template <int M>
void pack_winograd(Pool& pool, const WinogradPlan& plan, const float* kernel, float* packed) {
  constexpr int parts = 16;
  pool.run(parts, [&](int part, int) { pack_winograd<M>(plan, kernel, packed, part, parts); });
}

/// Calls f(first sample, samples, block, thread) for all blocks of a batch.
template <class Transform, class F>
void run_winograd(Pool& pool, int batch, F f) {
  constexpr int blocks = Transform::plan.blocks;
  const int groups = Transform::plan.groups(batch, pool.threads());
  pool.run(groups * blocks, [&](int task, int thread) {
    const std::int64_t group = task / blocks;
    const int begin = static_cast<int>(batch * group / groups), end = static_cast<int>(batch * (group + 1) / groups);
    f(begin, end - begin, task % blocks, thread);
  });
}

/// True where a convolution has the one kind of kernel that Winograd's tiles are for.
constexpr bool has_winograd_kernel(const strata::detail::Window& w) {
  return w.kernel.height == 3 && w.kernel.width == 3 && w.stride == 1;
}

/// The forward convolution of group G by blocks of Winograd's tiles, with its elementwise layers and its pooling.
template <class G, strata::detail::Window W, int Filters>
struct winograd_forward {
  static constexpr Shape in = G::shapes[G::producer];
  static constexpr Shape out = G::produced;
  static constexpr Convolution convolution = G::backend::convolution;
  static constexpr WinogradShape shape{
      in.height, in.width, in.channels, Filters, W.vertical.padding, W.horizontal.padding, out.height, out.width};
  static constexpr bool trains = G::mode == Mode::training;
  static constexpr int tile = trains ? std::max(2, winograd_training_tile<convolution>(shape))
                              : convolution == Convolution::winograd_2 ? 2
                                                                       : 4;

  /// True where the convolution can run so: 3 x 3 pixels, stride 1, and windows of the pooling that tile Winograd's
  /// tiles.
  static constexpr bool is_possible = [] {
    if (!has_winograd_kernel(W)) return false;
    if constexpr (G::reduction < 0)
      return true;
    else
      return pools_in_registers<G> && tile % Band<G>::window.kernel.height == 0 &&
             tile % Band<G>::window.kernel.width == 0;
  }();

  /// True where it does: on request everywhere, else where it is faster, in training for large kernels.
  static constexpr bool on_request = convolution == Convolution::winograd_2 || convolution == Convolution::winograd_4;
  static constexpr bool when_faster = [] {
    if (convolution != Convolution::automatic) return false;
    if (!trains) return winograd_gain(shape, 4) > 1.1;
    return !sums_by_chunks(9 * in.channels * Filters, out.height * out.width) &&
           winograd_training_tile<convolution>(shape) > 0;
  }();
  static constexpr bool applies = is_possible && (on_request || when_faster);

  /// True where it runs even if nobody has packed the kernel before. Packing takes about as long as the direct form of
  /// 256 pixels: from there on a single image loses little, and every further one of the batch gains; a small one is
  /// better off with the direct form. Batches of training are taken for large enough.
  static constexpr bool always = applies && (on_request || trains || out.height * out.width >= 256);

  /// Samples share a block in training, where no elementwise layer asks which sample it is in.
  static constexpr int most_samples = trains && BeforeReduction<G>::is_plain ? winograd_training_samples : 1;
  using transform = winograd<shape, tile, most_samples>;

  static constexpr std::int64_t packed_bytes =
      strata::detail::round_up(transform::plan.packed_floats * 4, strata::detail::line_bytes);

  /// Floats of a sample's outputs in a block, between the convolution and its pooling.
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
  static constexpr std::int64_t thread_bytes = own_bytes + transform::plan.samples * block_floats * 4;

  static void pack(Pool& pool, const float* kernel, float* packed) {
    pack_winograd<tile>(pool, transform::plan, kernel, packed);
  }

  static void run(const GroupArgs& a, const float* packed, const float* bias) {
    run_winograd<transform>(*a.pool, a.batch, [&](int sample, int samples, int block, int thread) {
      const WinogradSource x{a.input + sample * stride(G::input), samples, stride(G::input)};
      float* output = a.output + sample * stride(G::output);
      float* scratch = a.scratch_of(thread);
      if constexpr (G::reduction < 0) {
        transform::block(x, packed, bias, scratch, block, transform::plan.whole(stride(G::output)),
                         sink_of<G>(a, sample, output));
      } else {
        const WinogradRegion r = transform::plan.region(block);
        float* values = scratch + own_bytes / 4;
        const WinogradTarget in_block{r.row, r.column, r.filter, r.columns, r.filters, static_cast<int>(block_floats)};
        transform::block(x, packed, bias, scratch, block, in_block, StoringSink{values});
        for (int s = 0; s < samples; ++s)
          pool_block(values + s * block_floats, r,
                     PooledSink<G>{a, sample + s, output + s * stride(G::output), kept_of<G>(a, sample + s)});
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

/// The input gradient of a convolution whose gradients go through whole batches: the convolution of dz with the turned
/// kernel (cpu_input.hpp). By chunks an image's gradients stay in the cache one after the other.
template <class G, strata::detail::Window W, int Filters>
struct winograd_input_gradient {
  static constexpr Shape in = G::shapes[G::producer];
  static constexpr Shape out = G::produced;
  static constexpr WinogradShape shape{
      out.height, out.width, Filters, in.channels, 2 - W.vertical.padding, 2 - W.horizontal.padding,
      in.height,  in.width};
  static constexpr int tile = has_winograd_kernel(W) ? winograd_training_tile<G::backend::convolution>(shape) : 0;
  static constexpr bool applies = tile > 0 && !sums_by_chunks(9 * in.channels * Filters, out.height* out.width);

  using transform = winograd<shape, tile, winograd_training_samples>;

  /// Bytes of the packed kernel, and of a thread's scratch; 0 where another form runs.
  static constexpr std::int64_t packed_bytes = [] {
    if constexpr (applies)
      return strata::detail::round_up(transform::plan.packed_floats * 4, strata::detail::line_bytes);
    else
      return std::int64_t{0};
  }();
  static constexpr std::int64_t thread_bytes = [] {
    if constexpr (applies)
      return strata::detail::round_up(transform::plan.scratch_floats * 4, strata::detail::line_bytes);
    else
      return std::int64_t{0};
  }();

  static void run(const GroupArgs& a, const float* dz, const float* packed) {
    run_winograd<transform>(*a.pool, a.batch, [&](int sample, int samples, int block, int thread) {
      const WinogradSource from{dz + sample * stride(out), samples, stride(out)};
      transform::block(from, packed, nullptr, a.scratch_of(thread), block, transform::plan.whole(stride(G::input)),
                       StoringSink{a.input_gradient + sample * stride(G::input)});
    });
  }
};

}  // namespace STRATA_ISA
}  // namespace strata::cpu
