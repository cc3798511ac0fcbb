// Tanh: the hyperbolic tangent.
#pragma once

#include <strata/layers/layer.hpp>

namespace strata {

/// y = tanh(x) = (1 - e^-2x) / (1 + e^-2x), value by value, to 3 units in the last place, near 0 too.
struct Tanh : ElementwiseLayer {
  static constexpr const char* name = "tanh";
  static constexpr Saves saves = Saves::output;
  static constexpr bool is_monotone = true;

  template <class T>
  STRATA_HD STRATA_INLINE static T forward(const T& x) {
    const T m = exponential_minus_one(absolute(x) * -2.0f);  // no cancellation, and no overflow
    const T y = -m / (m + 2.0f);
    return select(x < T{}, -y, y);
  }

  /// dx = dy (1 - y^2).
  template <class T>
  STRATA_HD STRATA_INLINE static T backward(const T& dy, const T& y) {
    return dy * ((1.0f - y) * (1.0f + y));
  }
};

}  // namespace strata
