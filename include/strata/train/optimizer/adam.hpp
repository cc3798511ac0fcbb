// Adam: gradient descent with a learning rate of its own for each parameter.
#pragma once

#include <strata/train/optimizer/optimizer.hpp>

#include <cmath>

namespace strata {

/// Adam (Kingma and Ba 2015), as Keras writes it, with the bias corrections in the step's size:
///
///     m = beta1 * m + (1 - beta1) * g
///     v = beta2 * v + (1 - beta2) * g^2
///     w = w - learning_rate * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon)
///
/// Defaults are Keras'. PyTorch adds its epsilon (1e-8) behind the correction of v, which differs where gradients
/// vanish.
struct Adam {
  double learning_rate = 1e-3;  ///< above 0
  double beta1 = 0.9;           ///< 0 up to, not including, 1
  double beta2 = 0.999;         ///< 0 up to, not including, 1
  double epsilon = 1e-7;        ///< 1e-30 to 1e30

  static constexpr const char* name = "adam";
  static constexpr int least_slots = 2, most_slots = 2;

  /// Moments kept for each parameter: m and v.
  constexpr int state_slots() const { return 2; }

  /// Throws Error where a hyper-parameter is out of its range.
  void check() const {
    detail::check_learning_rate("Adam: learning_rate", learning_rate);
    detail::check_decay("Adam: beta1", beta1);
    detail::check_decay("Adam: beta2", beta2);
    detail::check_epsilon("Adam: epsilon", epsilon);
  }

  struct Constants {
    float rate, beta1, beta2, rest1, rest2, epsilon;
  };

  STRATA_HD Constants constants(std::int64_t step) const {
    const auto t = static_cast<double>(step);
    const double rate = learning_rate * std::sqrt(1 - std::pow(beta2, t)) / (1 - std::pow(beta1, t));
    return {static_cast<float>(rate),      static_cast<float>(beta1),     static_cast<float>(beta2),
            static_cast<float>(1 - beta1), static_cast<float>(1 - beta2), static_cast<float>(epsilon)};
  }

  template <class T>
  STRATA_HD STRATA_INLINE static void update(T& w, const T& g, WeightMoments<T, 2>& moments, const Constants& c) {
    T &m = moments[0], &v = moments[1];
    m = c.beta1 * m + c.rest1 * g;
    v = c.beta2 * v + c.rest2 * (g * g);
    w -= c.rate * m / (square_root(v) + c.epsilon);
  }
};

}  // namespace strata
