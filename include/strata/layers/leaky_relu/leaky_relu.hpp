// LeakyReLU: a rectifier that lets a fraction of the negative values through.
#pragma once

#include <strata/layers/layer.hpp>

namespace strata {

/// y = x where x > 0, else slope * x, value by value (Maas, Hannun, Ng 2013). The slope is `Percent` hundredths:
/// `LeakyReLU<8>` is 0.08. It lies between 0 and 99, so that the sign of y is the sign of x.
template <int Percent>
struct LeakyReLU : ElementwiseLayer {
  static constexpr const char* name = "leaky_relu";
  static constexpr Saves saves = Saves::output;
  static constexpr bool is_monotone = true;
  static constexpr float slope = static_cast<float>(Percent / 100.0);

  enum class error { none, slope_is_outside_0_to_99_percent };

  static constexpr Verdict output(Shape in) {
    if (Percent < 0 || Percent > 99) return error::slope_is_outside_0_to_99_percent;
    return in;
  }

  static constexpr auto attributes() { return std::array{Attribute{"percent", Percent}}; }

  template <class T>
  STRATA_HD STRATA_INLINE static T forward(const T& x) {
    return select(x > T{}, x, x * slope);
  }

  template <class T>
  STRATA_HD STRATA_INLINE static T backward(const T& dy, const T& y) {
    return select(y > T{}, dy, dy * slope);
  }
};

}  // namespace strata
