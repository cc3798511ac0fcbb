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

/// Where windows lie along one axis.
struct Axis {
  int windows;  ///< number of windows, the extent of the output
  int padding;  ///< zeros in front of the first pixel
};

/// Windows of `kernel` pixels, `stride` apart, over `extent` pixels. With padding: ceil(extent / stride) windows, the
/// zeros split evenly, the odd one behind.
constexpr Axis slide(int extent, int kernel, int stride, bool same) {
  if (!same) return {(extent - kernel) / stride + 1, 0};
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

  constexpr Window(KernelSize k, int s, bool same, const Shape& in)
      : kernel(k),
        stride(s),
        vertical(slide(in.height, k.height, s, same)),
        horizontal(slide(in.width, k.width, s, same)) {}
};

}  // namespace detail
}  // namespace strata
