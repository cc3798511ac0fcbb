// ReLU: the rectified linear unit.
#pragma once

#include <strata/layers/layer.hpp>

namespace strata {

/// y = max(x, 0), value by value (Nair and Hinton 2010). Its gradient at 0 is 0, as in Keras and PyTorch.
struct ReLU : ElementwiseLayer {
  static constexpr const char* name = "relu";
  static constexpr Saves saves = Saves::output;
  static constexpr bool is_monotone = true;

  template <class T>
  STRATA_HD STRATA_INLINE static T forward(const T& x) {
    return maximum(T{}, x);  // in this order a NaN passes, so that it is seen
  }

  template <class T>
  STRATA_HD STRATA_INLINE static T backward(const T& dy, const T& y) {
    return select(y > T{}, dy, T{});
  }
};

}  // namespace strata
