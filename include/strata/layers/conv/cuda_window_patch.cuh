// The part of an image that a pooling's window over a convolution looks at, in registers: windows of small first
// convolutions, which are made, pooled and trained without their pixels ever lying in memory.
#pragma once

#include <strata/cuda/pooling.cuh>
#include <strata/layers/conv/cuda_patches.hpp>
#include <strata/layers/conv/cuda_staged_rows.hpp>

#include <algorithm>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// The patch of one window W over the convolution C: the patches of its pixels, which overlap, as one.
///
/// Neighbouring threads want the same patch, or that of the next window, a step further. So it is read in packets that
/// a step is a multiple of: they lie side by side.
template <class C, class W>
struct WindowPatch {
  using Row = StagedRow<C, W>;
  static constexpr int height = Row::patch_height, floats = Row::patch_width * C::channels;
  static constexpr int packet = copy_width<floats, Row::step * C::channels, Row::pitch>;

  float values[height][floats];

  /// Reads it out of staged rows, where it begins at `corner`.
  STRATA_DEVICE explicit WindowPatch(const float* corner) {
    STRATA_UNROLL
    for (int i = 0; i < height; ++i) {
      STRATA_UNROLL
      for (int j = 0; j < floats; j += packet) {
        const auto x = load<packet>(corner + (i * Row::pitch + j));
        STRATA_UNROLL
        for (int k = 0; k < packet; ++k) values[i][j + k] = x[k];
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
/// pay no tensor core; windows inside the image that share no pixel; a patch that fits the registers; rows that fit
/// shared memory, for a row of windows or as many as 256 threads make with four filters each; and layers before the
/// pooling that ask for no place. What those store for backward has to be all of the image.
template <class L, class G>
inline constexpr bool pools_by_window = [] {
  if constexpr (G::reduction < 0) {
    return false;
  } else {
    using C = conv_numbers<L, G>;
    using W = Windows<G>;
    using Patch = WindowPatch<C, W>;
    using Rows = StagedRows<C, W, std::max(W::columns, 1024 / W::channels) + 2>;
    return C::channels <= 4 && C::taps <= 36 && W::are_inside && !W::overlap && W::height * W::width <= 9 &&
           Patch::height * Patch::floats <= 64 && Rows::floats <= most_staged &&
           !G::is_positional(G::before, G::reduction_or_end) &&
           (!stores_pixels<G> || (W::height * W::rows == W::image_height && W::width * W::columns == W::image_width &&
                                  W::stride == W::height && W::stride == W::width));
  }
}();

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
