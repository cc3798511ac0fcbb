// GELU: the Gaussian error linear unit, exact and by its approximation with tanh.
#pragma once

#include <strata/layers/layer.hpp>
#include <strata/layers/sigmoid/sigmoid.hpp>

namespace strata {

namespace detail {

/// The normal distribution, of which GELU is made: Phi(x) = (1 + erf(x / sqrt 2)) / 2, and e = e^(-x^2 / 2).
///
/// With a = |x| and t = 1 / (1 + c a), c = 0.38 / sqrt 2, Phi(-a) = e t P(t): P is the polynomial of degree 8 whose
/// largest relative error for a <= 13.2 is the least (2^-25.6, by Remez' exchange); beyond, e is 0 in single precision.
/// Phi(a) is 1 - Phi(-a), so nothing cancels on either side. In single precision Phi is right to 2^-22, and to
/// 8 + x^2 / 2 units in the last place, of which the rounding of x^2 makes the second part. The standard library's erf
/// is not used: it takes no vectors, and CPU and device would differ.
template <class T>
struct NormalDistribution {
  T phi, e;

  STRATA_HD STRATA_INLINE explicit NormalDistribution(const T& x) : phi(), e(exponential(x * x * -0.5f)) {
    const T t = 1.0f / (absolute(x) * 0.268700577f + 1.0f);
    T p = t * 0.0294239364f - 0.130838295f;
    p = p * t + 0.181275179f;
    p = p * t - 0.0799385028f;
    p = p * t + 0.114432909f;
    p = p * t + 0.0695883745f;
    p = p * t + 0.101881032f;
    p = p * t + 0.10697059f;
    p = p * t + 0.107204787f;
    const T tail = p * t * e;
    phi = select(x < T{}, tail, 1.0f - tail);
  }
};

}  // namespace detail

/// y = x Phi(x), Phi the normal distribution's function, value by value (Hendrycks and Gimpel 2016). The exact form,
/// the default of Keras and PyTorch: y is within 2^-22 |x| of it. It falls before it rises, with its least value,
/// -0.170, at -0.752.
struct GELU : ElementwiseLayer {
  static constexpr const char* name = "gelu";
  static constexpr Saves saves = Saves::input;

  template <class T>
  STRATA_HD STRATA_INLINE static T forward(const T& x) {
    return x * detail::NormalDistribution<T>(x).phi;
  }

  /// dx = dy (Phi(x) + x e^(-x^2 / 2) / sqrt(2 pi)).
  template <class T>
  STRATA_HD STRATA_INLINE static T backward(const T& dy, const T& x) {
    const detail::NormalDistribution<T> normal(x);
    return dy * (normal.phi + x * normal.e * 0.398942280f);
  }
};

/// y = x (1 + tanh(u / 2)) / 2 = x sigmoid(u), u = 2 sqrt(2 / pi) (x + 0.044715 x^3): within 5e-4 of GELU. Networks
/// that were trained with it (Keras' and PyTorch's approximate="tanh") want it.
struct GELUTanh : ElementwiseLayer {
  static constexpr const char* name = "gelu_tanh";
  static constexpr Saves saves = Saves::input;

  template <class T>
  STRATA_HD STRATA_INLINE static T forward(const T& x) {
    const T z = clamped(x);
    return x * Sigmoid::forward(z * (z * z * cubic + linear));
  }

  /// dx = dy s (1 + x (1 - s) u'), s = sigmoid(u).
  template <class T>
  STRATA_HD STRATA_INLINE static T backward(const T& dy, const T& x) {
    const T z = clamped(x);
    const T s = Sigmoid::forward(z * (z * z * cubic + linear));
    return dy * (s * (z * (1.0f - s) * (z * z * (3 * cubic) + linear) + 1.0f)) + (x - x);  // a NaN passes
  }

 private:
  static constexpr float linear = 1.59576912f, cubic = 0.0713548163f;  // 2 sqrt(2 / pi), and 0.044715 times that

  /// Beyond, the sigmoid is 0 or 1 in single precision, and the cube would overflow.
  template <class T>
  STRATA_HD STRATA_INLINE static T clamped(const T& x) {
    return minimum(maximum(x, T{} - 12.0f), T{} + 12.0f);
  }
};

}  // namespace strata
