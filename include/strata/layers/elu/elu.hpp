// ELU: the exponential linear unit.
#pragma once

#include <strata/layers/layer.hpp>

namespace strata {

/// y = x where x > 0, else alpha (e^x - 1), value by value (Clevert, Unterthiner, Hochreiter 2016). Alpha is `Percent`
/// hundredths, and 1 unless it is told, as in Keras and PyTorch: `ELU<>`, `ELU<50>`. It is positive, so that the sign
/// of y is the sign of x.
template <int Percent = 100>
struct ELU : ElementwiseLayer {
  static constexpr const char* name = "elu";
  static constexpr Saves saves = Saves::output;
  static constexpr bool is_monotone = true;
  static constexpr float alpha = static_cast<float>(Percent / 100.0);

  enum class error { none, alpha_is_outside_1_to_1000_percent };

  static constexpr Verdict output(Shape in) {
    if (Percent < 1 || Percent > 1000) return error::alpha_is_outside_1_to_1000_percent;
    return in;
  }

  static constexpr auto attributes() { return std::array{Attribute{"percent", Percent}}; }

  template <class T>
  STRATA_HD STRATA_INLINE static T forward(const T& x) {
    return select(x > T{}, x, exponential_minus_one(x) * alpha);
  }

  /// dx = dy where y > 0, else dy alpha e^x = dy (y + alpha).
  template <class T>
  STRATA_HD STRATA_INLINE static T backward(const T& dy, const T& y) {
    return select(y > T{}, dy, dy * (y + alpha));
  }
};

}  // namespace strata
