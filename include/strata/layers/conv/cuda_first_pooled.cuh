// Forward of a first convolution and the pooling behind it, in one launch.
//
//     z[p, f] = bias[f] + sum over k of patch[p, k] kernel[k, f]      p: the pixels of a window
//
// A thread makes neighbouring filters of all pixels of a window and folds them at once: the image is read, 4 bytes a
// pixel or one where it is still bytes, and what is pooled is written; the convolution's own pixels lie in registers. A
// block takes a slice of one sample's outputs and fetches the rows that they look at, which slices have in common with
// the next, into shared memory. The window's patch is read from there once for all its pixels and filters, and a row of
// the kernel, out of the first-level cache, once for all its pixels: with 2 x 2 pixels, 3 x 3 taps and 4 filters 144
// products for 17 loads. The products are those of plain floats, in any precision, and summed in the order of
// cuda_first.cuh.
#pragma once

#include <strata/layers/conv/cuda_window_patch.cuh>

#include <algorithm>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// The policy: the convolution and its group. A slice is what 256 threads make, or as many times that as fit a row of
/// windows, so that wide images are not fetched over and over.
template <class C, class G>
struct FirstPooledSpec : PoolSpec<G, void, true> {
  using conv = C;
  using base = PoolSpec<G, void, true>;
  using W = typename base::windows;
  using V = typename base::visit;
  static constexpr int threads_of_sample = static_cast<int>(V::threads_of_sample);
  static constexpr int outputs_of_thread = V::width * V::packets;
  static constexpr int at_once = static_cast<int>(base::threads) * outputs_of_thread;  ///< outputs
  static constexpr int passes = std::max(1, W::columns* W::channels / at_once);
  static constexpr int slice_threads = passes * static_cast<int>(base::threads);
  static constexpr int outputs = passes * at_once;  ///< of a slice
  static constexpr int slices = (threads_of_sample + slice_threads - 1) / slice_threads;

  static constexpr int whole_windows = outputs / W::channels;
  static constexpr int most_windows = outputs % W::channels == 0 ? whole_windows : whole_windows + 2;
  using Rows = StagedRows<C, W, most_windows>;
  static_assert(Rows::floats <= most_staged);
};

/// The pixels of one window that the convolution C makes of its patch, for N neighbouring filters.
template <class C, class W, int N>
struct ConvolvedWindow {
  Packet<float, N> sums[W::height][W::width];

  /// kernel and bias: of the first of the filters; the bias may be null.
  STRATA_DEVICE ConvolvedWindow(const WindowPatch<C, W>& patch, const float* kernel, const float* bias) : sums{} {
    STRATA_UNROLL
    for (int k = 0; k < C::taps; ++k)
      add(load<N>(kernel + k * C::filters), [&](int i, int j) { return patch.at(i, j, k); });
    if (bias != nullptr) add(load<N>(bias), [](int, int) { return 1.0f; });
  }

  STRATA_DEVICE const Packet<float, N>& operator()(int i, int j) const { return sums[i][j]; }

 private:
  template <class Factor>
  STRATA_DEVICE void add(const Packet<float, N>& weights, const Factor& factor) {
    STRATA_UNROLL
    for (int i = 0; i < W::height; ++i) {
      STRATA_UNROLL
      for (int j = 0; j < W::width; ++j) {
        STRATA_UNROLL
        for (int n = 0; n < N; ++n) sums[i][j][n] += factor(i, j) * weights[n];
      }
    }
  }
};

/// Makes a slice of a sample's outputs; kept is null where backward will not come.
template <class S>
__global__ void __launch_bounds__(S::threads)
    first_pooled_kernel(ChainArgs<typename S::group> a, const float* __restrict__ images, ByteBatch bytes,
                        const float* __restrict__ kernel, const float* __restrict__ bias, float* __restrict__ out,
                        typename S::windows::Kept* __restrict__ kept) {
  using C = typename S::conv;
  using W = typename S::windows;
  using V = typename S::visit;
  const unsigned sample = block_index().x / S::slices;
  const int slice = static_cast<int>(block_index().x % S::slices);
  const int begin = slice * S::outputs, end = detail::smaller_of(begin + S::outputs, V::size);
  typename S::Rows rows(shared<float[S::Rows::floats]>());
  rows.template fetch<S::threads>(images, bytes, sample, begin / W::channels, (end - 1) / W::channels + 1);
  if (bytes.data != nullptr && slice == 0 && thread_index().x == 0) bytes.index[sample] = bytes.cursor->item(sample);
  sync_block();

  STRATA_NOUNROLL
  for (int pass = 0; pass < S::passes; ++pass) {
    const int thread =
        slice * S::slice_threads + pass * static_cast<int>(S::threads) + static_cast<int>(thread_index().x);
    if (thread >= S::threads_of_sample) return;
    const int first = V::first(static_cast<unsigned>(thread));
    typename AfterReduction<typename S::group>::template Words<V::width> words;
    STRATA_UNROLL
    for (int p = 0; p < V::packets; ++p) {
      const int index = first + p * V::apart;
      if (index >= V::size) break;
      const int window = index / W::channels, filter = index % W::channels;
      const WindowPatch<C, W> patch(rows.patch(window / W::columns, window % W::columns));
      pool_outputs<S>(
          a, ConvolvedWindow<C, W, V::width>(patch, kernel + filter, bias == nullptr ? nullptr : bias + filter), sample,
          index, out, kept, words);
    }
  }
}

/// Runs the convolution L, the pooling and all other layers of group G.
template <class L, class G>
void pooled_conv_forward(const GroupArgs& a) {
  using S = FirstPooledSpec<conv_numbers<L, G>, G>;
  constexpr int first = G::first_tensor(G::producer);
  launch<first_pooled_kernel<S>>(
      {.grid = {static_cast<unsigned>(a.batch) * S::slices}, .block = {S::threads}, .stream = a.stream},
      ChainArgs<G>(a), a.input, a.bytes, a.tensor(first), L::has_bias ? a.tensor(first + L::has_bias) : nullptr,
      a.output, reinterpret_cast<typename S::windows::Kept*>(a.kept));
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
