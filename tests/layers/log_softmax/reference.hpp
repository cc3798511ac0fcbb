// LogSoftmax's reference.
#pragma once

#include <layers/reference_of.hpp>
#include <reference/log_softmax.hpp>

template <>
struct layer_test::reference_of<strata::LogSoftmax<>> {
  static std::unique_ptr<reference::Layer> make(Shape, const Position&) {
    return std::make_unique<reference::LogSoftmax>();
  }
  static constexpr bool is_exact = false;
};
