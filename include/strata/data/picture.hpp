// A picture in memory.
#pragma once

#include <strata/core/shape.hpp>
#include <strata/data/dataset.hpp>

#include <cstdint>
#include <vector>

namespace strata {

/// A picture in memory.
struct Picture {
  Shape shape;                      ///< height x width x channels: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA
  std::vector<std::uint8_t> bytes;  ///< rows from top to bottom, channels fastest

  /// A view of it, for `predict` and `digit_image`; the picture must outlive it.
  Sample sample() const { return {shape, bytes, {}}; }
};

}  // namespace strata
