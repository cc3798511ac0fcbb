// Adadelta: steps as large as the recent ones, in the units of the weight.
#pragma once

#include <strata/train/optimizer/optimizer.hpp>

#include <cmath>

namespace strata {

/// Adadelta (Zeiler 2012), as Keras writes it:
///
///     v = rho * v + (1 - rho) * g^2
///     d = g * sqrt(u + epsilon) / sqrt(v + epsilon)
///     u = rho * u + (1 - rho) * d^2
///     w = w - learning_rate * d
///
/// Defaults are Keras'; the paper and PyTorch take learning_rate 1, and PyTorch epsilon 1e-6 and rho 0.9.
struct Adadelta {
  double learning_rate = 1e-3;  ///< above 0
  double rho = 0.95;            ///< 0 up to, not including, 1
  double epsilon = 1e-7;        ///< 1e-30 to 1e30

  static constexpr const char* name = "adadelta";
  static constexpr int least_slots = 2, most_slots = 2;

  /// Moments kept for each parameter: v and u.
  constexpr int state_slots() const { return 2; }

  /// Throws Error where a hyper-parameter is out of its range.
  void check() const {
    detail::check_learning_rate("Adadelta: learning_rate", learning_rate);
    detail::check_decay("Adadelta: rho", rho);
    detail::check_epsilon("Adadelta: epsilon", epsilon);
  }

  struct Constants {
    float rate, rho, rest, epsilon;
  };

  STRATA_HD Constants constants(std::int64_t /*step*/) const {
    return {static_cast<float>(learning_rate), static_cast<float>(rho), static_cast<float>(1 - rho),
            static_cast<float>(epsilon)};
  }

  template <class T>
  STRATA_HD STRATA_INLINE static void update(T& w, const T& g, WeightMoments<T, 2>& moments, const Constants& c) {
    T &v = moments[0], &u = moments[1];
    v = c.rho * v + c.rest * (g * g);
    const T d = g * square_root(u + c.epsilon) / square_root(v + c.epsilon);
    u = c.rho * u + c.rest * (d * d);
    w -= c.rate * d;
  }
};

}  // namespace strata
