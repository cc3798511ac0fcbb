// Windows that slide over an image: sizes, strides and padding, shared by convolutions and pooling.
#pragma once

#include <strata/core/shape.hpp>

#include <cstdint>

namespace strata {

/// Height and width of a kernel or a pooling window, written `kernel<3, 5>`.
struct KernelSize {
  int height;
  int width;
};

/// The size of a window that is not square: `Conv<32, kernel<3, 5>>` is 3 high and 5 wide.
template <int Height, int Width>
inline constexpr KernelSize kernel{Height, Width};

namespace detail {

constexpr KernelSize kernel_size(int k) { return {k, k}; }
constexpr KernelSize kernel_size(KernelSize k) { return k; }

/// Zeros around an image: so many on each side, or as many as `same` asks for.
struct Padding {
  bool same = false;
  int top = 0, bottom = 0, left = 0, right = 0;

  /// True where there is any, for some image.
  constexpr bool any() const { return same || top > 0 || bottom > 0 || left > 0 || right > 0; }

  /// True where it is told by numbers.
  constexpr bool is_explicit() const { return !same && any(); }

  /// True where every window over every image sees a pixel of it.
  constexpr bool is_smaller_than(KernelSize k) const {
    return top < k.height && bottom < k.height && left < k.width && right < k.width;
  }

  /// True where a kernel fits the padded image.
  constexpr bool fits(KernelSize k, const Shape& in) const {
    return same ||
           (k.height <= std::int64_t{in.height} + top + bottom && k.width <= std::int64_t{in.width} + left + right);
  }
};

/// Where windows lie along one axis.
struct Axis {
  int windows;  ///< number of windows, the extent of the output
  int padding;  ///< zeros in front of the first pixel
};

/// Windows of `kernel` pixels, `stride` apart, over `extent` pixels with `before` zeros in front and `after` behind.
constexpr Axis slide(int extent, int kernel, int stride, int before, int after) {
  return {static_cast<int>((std::int64_t{extent} + before + after - kernel) / stride) + 1, before};
}

/// ceil(extent / stride) windows, the zeros split evenly, the odd one behind.
constexpr Axis slide_same(int extent, int kernel, int stride) {
  const int windows = extent / stride + (extent % stride != 0);
  const std::int64_t missing = std::int64_t{windows - 1} * stride + kernel - extent;
  return {windows, missing > 0 ? static_cast<int>(missing / 2) : 0};
}

/// A window over an image of a given shape, with the numbers that kernels want.
struct Window {
  KernelSize kernel;
  int stride;
  Axis vertical;
  Axis horizontal;

  constexpr Window(KernelSize k, int s, const Padding& p, const Shape& in)
      : kernel(k),
        stride(s),
        vertical(p.same ? slide_same(in.height, k.height, s) : slide(in.height, k.height, s, p.top, p.bottom)),
        horizontal(p.same ? slide_same(in.width, k.width, s) : slide(in.width, k.width, s, p.left, p.right)) {}
};

}  // namespace detail
}  // namespace strata
