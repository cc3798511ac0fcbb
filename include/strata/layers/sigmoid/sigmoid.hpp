// Sigmoid: the logistic function.
#pragma once

#include <strata/layers/layer.hpp>

namespace strata {

/// y = 1 / (1 + e^-x), value by value, to 4 units in the last place.
struct Sigmoid : ElementwiseLayer {
  static constexpr const char* name = "sigmoid";
  static constexpr Saves saves = Saves::output;
  static constexpr bool is_monotone = true;

  template <class T>
  STRATA_HD STRATA_INLINE static T forward(const T& x) {
    return 1.0f / (exponential(-x) + 1.0f);
  }

  /// dx = dy y (1 - y).
  template <class T>
  STRATA_HD STRATA_INLINE static T backward(const T& dy, const T& y) {
    return dy * (y * (1.0f - y));
  }
};

}  // namespace strata
