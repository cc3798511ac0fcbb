// Flatten: an image as a vector.
#pragma once

#include <strata/layers/layer.hpp>

namespace strata {

/// H x W x C becomes a vector of H * W * C features in the order of memory (channels fastest), Keras' Flatten. No byte
/// moves. A vector stays as it is.
struct Flatten : LayerDefaults {
  static constexpr const char* name = "flatten";
  static constexpr Role role(Mode) { return Role::reshape; }
  static constexpr Verdict output(Shape in) { return in.flat(); }
};

}  // namespace strata
