// Where windows lie over an image: the rule of Keras, by itself.
#pragma once

#include <algorithm>

namespace reference {

/// A window of height x width pixels, `stride` apart.
struct Window {
  int height = 1, width = 1, stride = 1;
  bool same = false;
  int top = 0, bottom = 0, left = 0, right = 0;  ///< zeros, where not `same`

  /// Numbers of windows down and across an image.
  int rows(int image_height) const { return count(image_height + top + bottom, height); }
  int columns(int image_width) const { return count(image_width + left + right, width); }

  /// Calls f(row, column, tap row, tap column, image row, image column) for everything that lies inside the image.
  template <class F>
  void for_each(int image_height, int image_width, F f) const {
    const int above = same ? frame(image_height, height) : top, before = same ? frame(image_width, width) : left;
    for (int h = 0; h < rows(image_height); ++h)
      for (int w = 0; w < columns(image_width); ++w)
        for (int i = 0; i < height; ++i)
          for (int j = 0; j < width; ++j) {
            const int y = h * stride + i - above, x = w * stride + j - before;
            if (y >= 0 && y < image_height && x >= 0 && x < image_width) f(h, w, i, j, y, x);
          }
  }

 private:
  int count(int extent, int kernel) const {
    return same ? (extent + stride - 1) / stride : (extent - kernel + stride) / stride;
  }

  /// Zeros in front of the first pixel along an axis, where `same`.
  int frame(int extent, int kernel) const {
    return std::max(0, (count(extent, kernel) - 1) * stride + kernel - extent) / 2;
  }
};

}  // namespace reference
