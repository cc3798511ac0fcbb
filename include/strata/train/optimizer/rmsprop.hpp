// RMSprop: steps divided by the gradient's recent size.
#pragma once

#include <strata/train/optimizer/optimizer.hpp>

#include <cmath>

namespace strata {

/// RMSprop (Hinton 2012, lecture 6e), as Keras writes it:
///
///     v = rho * v + (1 - rho) * g^2
///     without momentum:  w = w - learning_rate * g / sqrt(v + epsilon)
///     with momentum:     b = momentum * b + learning_rate * g / sqrt(v + epsilon);   w = w - b
///
/// Defaults are Keras'. PyTorch's are learning_rate 0.01, rho 0.99 and epsilon 1e-8 outside the root.
struct RMSprop {
  double learning_rate = 1e-3;  ///< above 0
  double rho = 0.9;             ///< 0 up to, not including, 1
  double momentum = 0;          ///< 0 up to, not including, 1
  double epsilon = 1e-7;        ///< 1e-30 to 1e30

  static constexpr const char* name = "rmsprop";
  static constexpr int least_slots = 1, most_slots = 2;

  /// Moments kept for each parameter: v, and the velocity where there is momentum.
  constexpr int state_slots() const { return momentum > 0 ? 2 : 1; }

  /// Throws Error where a hyper-parameter is out of its range.
  void check() const {
    detail::check_learning_rate("RMSprop: learning_rate", learning_rate);
    detail::check_decay("RMSprop: rho", rho);
    detail::check_decay("RMSprop: momentum", momentum);
    detail::check_epsilon("RMSprop: epsilon", epsilon);
  }

  struct Constants {
    float rate, rho, rest, momentum, epsilon;
  };

  STRATA_HD Constants constants(std::int64_t /*step*/) const {
    return {static_cast<float>(learning_rate), static_cast<float>(rho), static_cast<float>(1 - rho),
            static_cast<float>(momentum), static_cast<float>(epsilon)};
  }

  template <class T, int N>
  STRATA_HD STRATA_INLINE static void update(T& w, const T& g, WeightMoments<T, N>& moments, const Constants& c) {
    T& v = moments[0];
    v = c.rho * v + c.rest * (g * g);
    const T step = c.rate * g / square_root(v + c.epsilon);
    if constexpr (N == 1) {
      w -= step;
    } else {
      T& b = moments[1];
      b = c.momentum * b + step;
      w -= b;
    }
  }
};

}  // namespace strata
