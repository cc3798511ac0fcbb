// Where windows lie over an image: the rule of Keras, by itself.
#pragma once

#include <algorithm>

namespace reference {

/// A window of height x width pixels, `stride` apart.
struct Window {
  int height = 1, width = 1, stride = 1;
  bool same = false;

  /// Number of windows along an axis.
  int count(int extent, int kernel) const {
    return same ? (extent + stride - 1) / stride : (extent - kernel + stride) / stride;
  }

  /// Zeros in front of the first pixel along an axis.
  int padding(int extent, int kernel) const {
    return same ? std::max(0, (count(extent, kernel) - 1) * stride + kernel - extent) / 2 : 0;
  }

  /// Calls f(row, column, tap row, tap column, image row, image column) for everything that lies inside the image.
  template <class F>
  void for_each(int image_height, int image_width, F f) const {
    const int top = padding(image_height, height), left = padding(image_width, width);
    for (int h = 0; h < count(image_height, height); ++h)
      for (int w = 0; w < count(image_width, width); ++w)
        for (int i = 0; i < height; ++i)
          for (int j = 0; j < width; ++j) {
            const int y = h * stride + i - top, x = w * stride + j - left;
            if (y >= 0 && y < image_height && x >= 0 && x < image_width) f(h, w, i, j, y, x);
          }
  }
};

}  // namespace reference
