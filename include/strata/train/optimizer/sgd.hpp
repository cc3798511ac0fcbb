// SGD: stochastic gradient descent, with momentum where wanted.
#pragma once

#include <strata/train/optimizer/optimizer.hpp>

namespace strata {

/// Stochastic gradient descent, as Keras writes it:
///
///     without momentum:  w = w - learning_rate * g
///     with momentum:     v = momentum * v - learning_rate * g;   w = w + v
///     Nesterov:          v likewise;   w = w + momentum * v - learning_rate * g
///
/// Momentum after Polyak 1964, Nesterov's as in Sutskever et al. 2013.
struct SGD {
  double learning_rate = 0.01;  ///< above 0
  double momentum = 0;          ///< 0 up to, not including, 1
  bool nesterov = false;

  static constexpr const char* name = "sgd";
  static constexpr int least_slots = 0, most_slots = 1;

  /// Moments kept for each parameter: the velocity, where there is momentum.
  constexpr int state_slots() const { return momentum > 0 ? 1 : 0; }

  /// Throws Error where a hyper-parameter is out of its range.
  void check() const {
    detail::check_learning_rate("SGD: learning_rate", learning_rate);
    detail::check_decay("SGD: momentum", momentum);
  }

  struct Constants {
    float learning_rate, momentum;
    float of_velocity, of_gradient;  ///< w moves by of_velocity * v - of_gradient * g
  };

  STRATA_HD Constants constants(std::int64_t /*step*/) const {
    const auto rate = static_cast<float>(learning_rate), m = static_cast<float>(momentum);
    return {rate, m, nesterov ? m : 1.0f, nesterov ? rate : 0.0f};
  }

  template <class T, int N>
  STRATA_HD STRATA_INLINE static void update(T& w, const T& g, WeightMoments<T, N>& moments, const Constants& c) {
    if constexpr (N == 0) {
      w -= c.learning_rate * g;
    } else {
      T& v = moments[0];
      v = c.momentum * v - c.learning_rate * g;
      w += c.of_velocity * v - c.of_gradient * g;
    }
  }
};

}  // namespace strata
