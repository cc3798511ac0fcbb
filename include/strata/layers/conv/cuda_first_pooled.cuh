// Forward of a first convolution and the pooling behind it, in one launch.
//
//     z[p, f] = bias[f] + sum over k of patch[p, k] kernel[k, f]      p: the pixels of a window
//
// A thread makes neighbouring filters of all pixels of a window and folds them at once: the image is read, 4 bytes a
// pixel, and what is pooled is written; the convolution's own pixels lie in registers. The window's patch is read once
// for all its pixels and filters, and a row of the kernel, out of the first-level cache, once for all its pixels: with
// 2 x 2 pixels, 3 x 3 taps and 4 filters 144 products for 17 loads. The products are those of plain floats, in any
// precision, and summed in the order of cuda_first.cuh.
#pragma once

#include <strata/layers/conv/cuda_window_patch.hpp>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// The pixels of windows that the convolution C makes of the images: see PixelsInMemory.
template <class C, class W>
struct ConvolvedPixels {
  const float* kernel;
  const float* bias;  ///< null: none

  template <int N>
  struct Window {
    Packet<float, N> sums[W::height][W::width];

    STRATA_DEVICE const Packet<float, N>& operator()(int i, int j) const { return sums[i][j]; }
  };

  template <int N>
  STRATA_DEVICE Window<N> window(const float* images, unsigned sample, int row, int column, int channel) const {
    const WindowPatch<C, W> patch(images, sample, row, column);
    Window<N> of{};
    STRATA_UNROLL
    for (int k = 0; k < C::taps; ++k)
      add(of, load<N>(kernel + k * C::filters + channel), [&](int i, int j) { return patch.at(i, j, k); });
    if (bias != nullptr) add(of, load<N>(bias + channel), [](int, int) { return 1.0f; });
    return of;
  }

 private:
  template <int N, class Factor>
  static STRATA_DEVICE void add(Window<N>& to, const Packet<float, N>& weights, const Factor& factor) {
    STRATA_UNROLL
    for (int i = 0; i < W::height; ++i) {
      STRATA_UNROLL
      for (int j = 0; j < W::width; ++j) {
        STRATA_UNROLL
        for (int n = 0; n < N; ++n) to.sums[i][j][n] += factor(i, j) * weights[n];
      }
    }
  }
};

/// Runs the convolution L, the pooling and all other layers of group G.
template <class L, class G>
void pooled_conv_forward(const GroupArgs& a) {
  constexpr int first = G::first_tensor(G::producer);
  const ConvolvedPixels<conv_numbers<L, G>, Windows<G>> pixels{a.tensor(first),
                                                               L::has_bias ? a.tensor(first + L::has_bias) : nullptr};
  pool_forward<G, true>(a, pixels, a.input);
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
