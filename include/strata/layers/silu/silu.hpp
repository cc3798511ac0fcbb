// SiLU: the sigmoid linear unit, also called swish.
#pragma once

#include <strata/layers/layer.hpp>
#include <strata/layers/sigmoid/sigmoid.hpp>

namespace strata {

/// y = x sigmoid(x), value by value (Elfwing, Uchibe, Doya 2018; swish with beta 1). It falls before it rises, with
/// its least value, -0.278, at -1.278.
struct SiLU : ElementwiseLayer {
  static constexpr const char* name = "silu";
  static constexpr Saves saves = Saves::input;

  template <class T>
  STRATA_HD STRATA_INLINE static T forward(const T& x) {
    return x * Sigmoid::forward(x);
  }

  /// dx = dy s (1 + x (1 - s)), s = sigmoid(x).
  template <class T>
  STRATA_HD STRATA_INLINE static T backward(const T& dy, const T& x) {
    const T s = Sigmoid::forward(x);
    return dy * (s * (x * (1.0f - s) + 1.0f));
  }
};

}  // namespace strata
