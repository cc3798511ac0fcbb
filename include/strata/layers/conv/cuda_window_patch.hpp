// The part of an image that a pooling's window over a convolution looks at, in registers: windows of small first
// convolutions, which are made, pooled and trained without their pixels ever lying in memory.
#pragma once

#include <strata/cuda/pooling.cuh>
#include <strata/layers/conv/cuda_patches.hpp>

#include <cstdint>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// The patch of one window W over the convolution C: the patches of its pixels, which overlap, as one.
///
/// Neighbouring threads want the same patch, or that of the next window, a step further. So it is read in packets that
/// a step is a multiple of, where the image allows it: they lie side by side.
template <class C, class W>
struct WindowPatch {
  static constexpr int height = (W::height - 1) * C::stride + C::kernel_height;
  static constexpr int width = (W::width - 1) * C::stride + C::kernel_width;  ///< pixels
  static constexpr int step = W::stride * C::stride;                          ///< pixels from window to window
  static constexpr bool is_inside = C::top == 0 && C::left == 0 &&
                                    (C::out_height - 1) * C::stride + C::kernel_height <= C::height &&
                                    (C::out_width - 1) * C::stride + C::kernel_width <= C::width;
  static constexpr int floats = width * C::channels;  ///< of a row
  static constexpr int packet = is_inside ? copy_width<floats, step * C::channels, C::width * C::channels> : 1;

  float values[height][floats];

  STRATA_DEVICE WindowPatch(const float* images, unsigned sample, int row, int column) {
    const int top = row * step - C::top, left = column * step - C::left;
    const std::int64_t corner = sample * C::in_stride + (top * C::width + left) * C::channels;
    STRATA_UNROLL
    for (int i = 0; i < height; ++i) {
      STRATA_UNROLL
      for (int j = 0; j < floats; j += packet) {
        if (is_inside ||
            (static_cast<unsigned>(top + i) < C::height && static_cast<unsigned>(left + j / C::channels) < C::width)) {
          const auto x = load<packet>(images + corner + (i * C::width * C::channels + j));
          STRATA_UNROLL
          for (int k = 0; k < packet; ++k) values[i][j + k] = x[k];
        } else {
          values[i][j] = 0;
        }
      }
    }
  }

  /// The float that meets tap k for the window's pixel (i, j).
  STRATA_DEVICE float at(int i, int j, int k) const {
    const int row = k / C::channels / C::kernel_width, along = k % (C::kernel_width * C::channels);
    return values[i * C::stride + row][j * C::stride * C::channels + along];
  }
};

/// Whether the convolution L of group G and the pooling behind it run as one, by window: a few channels, whose products
/// pay no tensor core; windows inside the image that share no pixel; a patch that fits the registers; and layers before
/// the pooling that ask for no place. What those store for backward has to be all of the image.
template <class L, class G>
inline constexpr bool pools_by_window = [] {
  if constexpr (G::reduction < 0) {
    return false;
  } else {
    using C = conv_numbers<L, G>;
    using W = Windows<G>;
    using Patch = WindowPatch<C, W>;
    return C::channels <= 4 && C::taps <= 36 && W::are_inside && !W::overlap && W::height * W::width <= 9 &&
           Patch::height * Patch::floats <= 64 && !G::is_positional(G::before, G::reduction_or_end) &&
           (!stores_pixels<G> || (W::height * W::rows == W::image_height && W::width * W::columns == W::image_width &&
                                  W::stride == W::height && W::stride == W::width));
  }
}();

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
