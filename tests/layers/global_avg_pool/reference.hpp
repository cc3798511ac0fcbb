// GlobalAvgPool's reference: AvgPool's with one window.
#pragma once

#include <layers/reference_of.hpp>

template <>
struct layer_test::reference_of<strata::GlobalAvgPool> {
  static std::unique_ptr<reference::Layer> make(Shape in, const Position&) {
    return std::make_unique<reference::AvgPool>(reference::Window{in.height, in.width});
  }
  static constexpr bool is_exact = false;
};
