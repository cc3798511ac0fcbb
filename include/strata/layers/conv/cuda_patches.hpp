// The patches of an image that a convolution's kernel meets, as a factor of a product: they lie in the image and are
// never copied out of it. And the numbers of a convolution, as kernels want them.
#pragma once

#include <strata/cuda/kernel.hpp>
#include <strata/cuda/product_copy.hpp>
#include <strata/layers/window.hpp>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// A convolution by its numbers: layers that compute the same share their kernels.
template <int Height, int Width, int Channels, int Filters, int KernelHeight, int KernelWidth, int Stride, int Top,
          int Left, int OutHeight, int OutWidth>
struct ConvNumbers {
  static constexpr int height = Height, width = Width, channels = Channels, filters = Filters;
  static constexpr int kernel_height = KernelHeight, kernel_width = KernelWidth, stride = Stride;
  static constexpr int top = Top, left = Left;  ///< zeros in front of the first row and column
  static constexpr int out_height = OutHeight, out_width = OutWidth;
  static constexpr int pixels = OutHeight * OutWidth;                 ///< of a sample's output
  static constexpr int taps = KernelHeight * KernelWidth * Channels;  ///< floats of a patch
  static constexpr std::int64_t in_stride = cuda::stride(Shape::image(Height, Width, Channels));
  static constexpr std::int64_t out_stride = cuda::stride(Shape::image(OutHeight, OutWidth, Filters));
};

namespace detail {

template <class L, class G>
struct conv_numbers {
  static constexpr Shape in = G::shapes[G::producer], out = G::produced;
  static constexpr strata::detail::Window window = L::window(in);
  using type = ConvNumbers<in.height, in.width, in.channels, L::filters, L::size.height, L::size.width, L::stride,
                           window.vertical.padding, window.horizontal.padding, out.height, out.width>;
};

}  // namespace detail

/// The numbers of the convolution L, which produces the values of group G.
template <class L, class G>
using conv_numbers = typename detail::conv_numbers<L, G>::type;

/// Far outside of every image.
inline constexpr int outside = -(1 << 29);

/// The floats of a patch by the pixel of the output that it is for, and by tap: (kernel row, kernel column, channel).
///
/// Neighbouring taps are neighbouring floats; with one channel neighbouring pixels are better, as whole rows of the
/// image are side by side.
template <class C>
struct Patches {
  static constexpr bool pixels_beside = C::channels == 1;
  static constexpr int width = copy_width<C::channels>;

  /// Where the patch of a pixel begins: perhaps outside, in front of the image.
  struct Pixel {
    std::int64_t offset;
    int row, column;
  };

  /// A float of a patch, from its beginning.
  struct Tap {
    int offset, row, column;
  };

  const float* image;
  int samples;

  STRATA_DEVICE Pixel pixel(int m) const {
    const int sample = m / C::pixels, in_sample = m % C::pixels;
    if (sample >= samples) return {0, outside, outside};
    const int row = in_sample / C::out_width * C::stride - C::top;
    const int column = in_sample % C::out_width * C::stride - C::left;
    return {sample * C::in_stride + (row * C::width + column) * C::channels, row, column};
  }

  STRATA_DEVICE Tap tap(int k) const {
    const int channel = k % C::channels, place = k / C::channels;
    const int row = place / C::kernel_width, column = place % C::kernel_width;
    return {(row * C::width + column) * C::channels + channel, k < C::taps ? row : outside, column};
  }

  STRATA_DEVICE const float* at(const Pixel& pixel, const Tap& tap) const {
    const auto row = static_cast<unsigned>(pixel.row + tap.row);
    const auto column = static_cast<unsigned>(pixel.column + tap.column);
    return row < C::height && column < C::width ? image + (pixel.offset + tap.offset) : nullptr;
  }
};

/// A line for each pixel of the output, as deep as a patch.
template <class C>
struct PixelLines : Patches<C> {
  using Line = typename Patches<C>::Pixel;
  using Depth = typename Patches<C>::Tap;
  static constexpr Along along = Patches<C>::pixels_beside ? Along::lines : Along::depth;

  STRATA_DEVICE Line line(int /*part*/, int m) const { return this->pixel(m); }
  STRATA_DEVICE Depth depth(int /*part*/, int k) const { return this->tap(k); }
};

/// A line for each tap, as deep as all pixels of the batch.
template <class C>
struct TapLines : Patches<C> {
  using Line = typename Patches<C>::Tap;
  using Depth = typename Patches<C>::Pixel;
  static constexpr Along along = Patches<C>::pixels_beside ? Along::depth : Along::lines;

  STRATA_DEVICE Line line(int /*part*/, int k) const { return this->tap(k); }
  STRATA_DEVICE Depth depth(int /*part*/, int m) const { return this->pixel(m); }
  STRATA_DEVICE const float* at(const Line& tap, const Depth& pixel) const { return Patches<C>::at(pixel, tap); }
};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
