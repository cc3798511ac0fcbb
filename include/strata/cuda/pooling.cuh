// Pooling: windows of an image folded into one value each, and their gradient on its way back.
//
// Forward: a thread makes neighbouring channels of one output. It reads its window through the layers before the
// pooling, folds it, runs the layers behind and writes: 4 bytes read a value of the image (windows that overlap find
// most of them in the first-level cache), 4 written an output, and what backward wants to know of the winner.
//
// Backward, where windows do not overlap: a thread takes an output's gradient and writes the whole ground of its
// window, the pixels between it and the next windows included. 4 bytes read an output, 4 written a pixel. Where they
// do: a thread takes a pixel and sums what the windows over it give, row by row. 4 bytes written a pixel; the outputs'
// gradients are read as often as windows overlap, mostly from the first-level cache.
//
// windows.hpp tells how a layer says what its windows fold to.
#pragma once

#include <strata/cuda/elementwise.cuh>
#include <strata/cuda/windows.hpp>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// True where backward reads what layers before the pooling made of single pixels.
template <class G>
inline constexpr bool stores_pixels = [] {
  bool any = false;
  for (int v = G::before; v <= G::reduction_or_end; ++v) any = any || G::stores(v);
  return any;
}();

/// N neighbouring channels of a window's pixels: what `source` makes of the values of a sample in memory.
template <class G, class From, int N>
struct WindowInMemory {
  using W = Windows<G>;

  const From& source;
  const float* values;  ///< of the sample
  int corner;           ///< the first pixel's place among them

  STRATA_DEVICE Packet<float, N> operator()(int i, int j) const {
    const int at = corner + (i * W::image_width + j) * W::channels;
    return source(at, load<N>(values + at));
  }
};

/// The policy: the group, where the pixels come from, and whether the layers before the pooling have yet to run.
template <class G, class From, bool RunBefore>
struct PoolSpec {
  using group = G;
  using Source = From;
  using windows = Windows<G>;
  static constexpr bool run_before = RunBefore && G::works(G::before, G::reduction_or_end);
  static constexpr bool reduces_first = G::reduces_first && !stores_pixels<G>;
  static constexpr unsigned threads = 256;
  static constexpr int width =
      neighbours(windows::channels, AfterReduction<G>::has_tensors || (run_before && BeforeReduction<G>::has_tensors));
  using visit = Visit<static_cast<int>(G::reduced.size()), width, AfterReduction<G>::is_positional>;
  static constexpr std::int64_t in_stride = Value<G, G::reduction_or_end>::stride;
  static constexpr std::int64_t out_stride = Value<G, G::size>::stride;
};

/// Pools the neighbouring outputs of a thread from `index` on, and runs the layers around. `window` is a function of
/// the place in their window, and gives the pixels there.
template <class S, class Window, class Words>
STRATA_DEVICE void pool_outputs(const ChainArgs<typename S::group>& a, const Window& window, unsigned sample, int index,
                                float* out, typename S::windows::Kept* kept, Words& words) {
  using G = typename S::group;
  using W = typename S::windows;
  using Fold = typename W::kernel::Fold;
  constexpr int n = S::visit::width;
  const int pixel = index / W::channels, row = pixel / W::columns, column = pixel % W::columns;
  const typename W::Clip clip = W::clip(row, column);
  const int corner = W::corner(row, column) + index % W::channels;

  Fold folds[n];
  STRATA_UNROLL
  for (int k = 0; k < n; ++k) folds[k] = Fold(clip.row * W::width + clip.column);
  for (int i = clip.row; i < clip.last_row; ++i)
    for (int j = clip.column; j < clip.last_column; ++j) {
      Packet<float, n> x = window(i, j);
      if constexpr (S::run_before && !S::reduces_first)
        x = BeforeReduction<G>::forward(a, sample, corner + (i * W::image_width + j) * W::channels, x);
      STRATA_UNROLL
      for (int k = 0; k < n; ++k) folds[k].add(x[k], i * W::width + j);
    }
  if constexpr (W::keep) {
    if (kept != nullptr) {
      Packet<typename W::Kept, n> winners;
      STRATA_UNROLL
      for (int k = 0; k < n; ++k) winners[k] = folds[k].kept();
      store(kept + sample * W::kept_stride + index, winners);
    }
  }
  Packet<float, n> y;
  STRATA_UNROLL
  for (int k = 0; k < n; ++k) y[k] = folds[k].result(clip.members());
  if constexpr (S::run_before && S::reduces_first) y = BeforeReduction<G>::forward(a, sample, index, y);
  store(out + sample * S::out_stride + index, AfterReduction<G>::forward(a, sample, index, y, words));
}

/// out = the layers behind the pooling of the pooled image; kept is null where backward will not come.
template <class S>
__global__ void __launch_bounds__(S::threads)
    pool_forward_kernel(ChainArgs<typename S::group> a, typename S::Source source, const float* __restrict__ in,
                        float* __restrict__ out, typename S::windows::Kept* __restrict__ kept, unsigned batch) {
  using W = typename S::windows;
  using V = typename S::visit;
  const Part part = part_of_thread<V, S::threads>();
  if (part.sample >= batch) return;
  typename AfterReduction<typename S::group>::template Words<V::width> words;
  STRATA_UNROLL
  for (int p = 0; p < V::packets; ++p) {
    const int index = part.first + p * V::apart;
    if (index >= V::size) break;
    const int pixel = index / W::channels;
    const WindowInMemory<typename S::group, typename S::Source, V::width> window{
        source, in + part.sample * S::in_stride,
        W::corner(pixel / W::columns, pixel % W::columns) + index % W::channels};
    pool_outputs<S>(a, window, part.sample, index, out, kept, words);
  }
}

/// The layers that backward runs at the pooled values: those behind the pooling and, where that is enough, those
/// before.
template <class G>
struct AtReduced {
  static constexpr bool run_before = G::backward_at_reduced && G::works(G::before, G::reduction_or_end);
  static constexpr bool work = run_before || G::works(G::after, G::size);
  static constexpr bool is_positional = AfterReduction<G>::is_positional;
  static constexpr bool has_tensors = AfterReduction<G>::has_tensors || (run_before && BeforeReduction<G>::has_tensors);

  template <int N>
  using Words = typename AfterReduction<G>::template Words<N>;

  template <int N, class W>
  static STRATA_DEVICE Packet<float, N> backward(const ChainArgs<G>& a, std::uint32_t sample, int index,
                                                 Packet<float, N> dy, W& words) {
    dy = AfterReduction<G>::backward(a, sample, index, dy, words);
    if constexpr (run_before) dy = BeforeReduction<G>::backward(a, sample, index, dy);
    return dy;
  }
};

/// The policy of backward. It spreads where windows do not overlap and no layer asks for a pixel's place; else it
/// gathers by the pixel, and the layers at the pooled values have run before.
template <class G>
struct PoolBackwardSpec {
  using group = G;
  using windows = Windows<G>;
  static constexpr bool before_at_pixels = G::works(G::before, G::reduction_or_end) && !G::backward_at_reduced;
  static constexpr bool spreads = !windows::overlap && !(before_at_pixels && BeforeReduction<G>::is_positional);
  static constexpr unsigned threads = 256;
  static constexpr int width =
      neighbours(windows::channels, AtReduced<G>::has_tensors || BeforeReduction<G>::has_tensors);
  using outputs = Visit<static_cast<int>(G::reduced.size()), width, AtReduced<G>::is_positional>;
  using pixels =
      Visit<static_cast<int>(G::reduced_from.size()), width, before_at_pixels && BeforeReduction<G>::is_positional>;
  static constexpr std::int64_t dy_stride = Value<G, G::size>::stride;
  static constexpr std::int64_t dx_stride = Value<G, G::reduction_or_end>::stride;
};

/// dx = the gradient before the layers before the pooling, where windows do not overlap; dy is the group's.
template <class S>
__global__ void __launch_bounds__(S::threads)
    pool_spread_kernel(ChainArgs<typename S::group> a, const float* __restrict__ dy,
                       const typename S::windows::Kept* __restrict__ kept, float* __restrict__ dx, unsigned batch) {
  using G = typename S::group;
  using W = typename S::windows;
  using V = typename S::outputs;
  constexpr int n = V::width;
  const Part part = part_of_thread<V, S::threads>();
  if (part.sample >= batch) return;
  float* const to = dx + part.sample * S::dx_stride;
  typename AtReduced<G>::template Words<n> words;
  STRATA_UNROLL
  for (int p = 0; p < V::packets; ++p) {
    const int index = part.first + p * V::apart;
    if (index >= V::size) break;
    const int pixel = index / W::channels, channel = index % W::channels;
    const int row = pixel / W::columns, column = pixel % W::columns;
    const Packet<float, n> d =
        AtReduced<G>::backward(a, part.sample, index, load<n>(dy + part.sample * S::dy_stride + index), words);
    Packet<typename W::Kept, n> winners{};
    if constexpr (W::keep) winners = detail::load_kept<n>(kept + part.sample * W::kept_stride + index);
    const int members = W::clip(row, column).members();

    // The ground of the window: from its begin to the next one's, and from border to border.
    const int y = row * W::stride - W::top, x = column * W::stride - W::left;
    const int first_row = row == 0 ? 0 : y, last_row = row == W::rows - 1 ? W::image_height : y + W::stride;
    const int first_column = column == 0 ? 0 : x;
    const int last_column = column == W::columns - 1 ? W::image_width : x + W::stride;
    for (int r = first_row; r < last_row; ++r)
      for (int c = first_column; c < last_column; ++c) {
        const int at = (r * W::image_width + c) * W::channels + channel;
        const bool is_inside = r - y < W::height && c - x < W::width;
        Packet<float, n> g;
        STRATA_UNROLL
        for (int k = 0; k < n; ++k)
          g[k] = is_inside ? W::kernel::share(d[k], winners[k], (r - y) * W::width + c - x, members) : 0.0f;
        if constexpr (S::before_at_pixels) g = BeforeReduction<G>::backward(a, part.sample, at, g);
        store(to + at, g);
      }
  }
}

/// dx = the gradient before the layers before the pooling; dy is that of the pooled values.
template <class S>
__global__ void __launch_bounds__(S::threads)
    pool_gather_kernel(ChainArgs<typename S::group> a, const float* __restrict__ dy,
                       const typename S::windows::Kept* __restrict__ kept, float* __restrict__ dx, unsigned batch) {
  using G = typename S::group;
  using W = typename S::windows;
  using V = typename S::pixels;
  constexpr int n = V::width;
  const Part part = part_of_thread<V, S::threads>();
  if (part.sample >= batch) return;
  const float* const from = dy + part.sample * S::dy_stride;
  typename BeforeReduction<G>::template Words<n> words;
  STRATA_UNROLL
  for (int p = 0; p < V::packets; ++p) {
    const int at = part.first + p * V::apart;
    if (at >= V::size) break;
    const int pixel = at / W::channels, channel = at % W::channels;
    const int y = pixel / W::image_width + W::top, x = pixel % W::image_width + W::left;  // in the padded image
    const int first_row = y < W::height ? 0 : (y - W::height) / W::stride + 1;
    const int first_column = x < W::width ? 0 : (x - W::width) / W::stride + 1;
    const int last_row = detail::smaller_of(W::rows, y / W::stride + 1);
    const int last_column = detail::smaller_of(W::columns, x / W::stride + 1);
    Packet<float, n> g{};
    STRATA_NOUNROLL
    for (int row = first_row; row < last_row; ++row) {
      STRATA_NOUNROLL
      for (int column = first_column; column < last_column; ++column) {
        const int index = (row * W::columns + column) * W::channels + channel;
        const Packet<float, n> d = load<n>(from + index);
        Packet<typename W::Kept, n> winners{};
        if constexpr (W::keep) winners = detail::load_kept<n>(kept + part.sample * W::kept_stride + index);
        const int place = (y - row * W::stride) * W::width + x - column * W::stride;
        const int members = W::clip(row, column).members();
        STRATA_UNROLL
        for (int k = 0; k < n; ++k) g[k] += W::kernel::share(d[k], winners[k], place, members);
      }
    }
    if constexpr (S::before_at_pixels) g = BeforeReduction<G>::backward(a, part.sample, at, g, words);
    store(dx + part.sample * S::dx_stride + at, g);
  }
}

/// Pools `in`, of which `source` makes what the layers before the pooling get; without RunBefore they have run.
template <class G, bool RunBefore, class Source>
void pool_forward(const GroupArgs& a, const Source& source, const float* in) {
  using S = PoolSpec<G, Source, RunBefore>;
  launch<pool_forward_kernel<S>>(launch_of<typename S::visit, S::threads>(a), ChainArgs<G>(a), source, in, a.output,
                                 reinterpret_cast<typename S::windows::Kept*>(a.kept), static_cast<unsigned>(a.batch));
}

/// Writes the gradient before the layers before the pooling to dx, from that of the group's output.
template <class G>
void pool_backward(const GroupArgs& a, float* dx) {
  using S = PoolBackwardSpec<G>;
  const auto* const kept = reinterpret_cast<const typename S::windows::Kept*>(a.kept);
  const auto batch = static_cast<unsigned>(a.batch);
  const float* const dy = a.output_gradient;
  if constexpr (S::spreads) {
    launch<pool_spread_kernel<S>>(launch_of<typename S::outputs, S::threads>(a), ChainArgs<G>(a), dy, kept, dx, batch);
  } else {
    if constexpr (AtReduced<G>::work) elementwise_backward<G, AtReduced<G>>(a, dy, a.output_gradient);
    launch<pool_gather_kernel<S>>(launch_of<typename S::pixels, S::threads>(a), ChainArgs<G>(a), dy, kept, dx, batch);
  }
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
