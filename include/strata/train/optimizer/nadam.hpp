// Nadam: Adam with Nesterov's momentum.
#pragma once

#include <strata/train/optimizer/optimizer.hpp>

#include <cmath>

namespace strata {

/// Nadam (Dozat 2016), as Keras writes it. With u_t = beta1 * (1 - 0.96^(t * momentum_decay) / 2) and its product
/// U_t = u_1 u_2 ... u_t:
///
///     m = beta1 * m + (1 - beta1) * g
///     v = beta2 * v + (1 - beta2) * g^2
///     n = u_(t+1) * m / (1 - U_(t+1)) + (1 - u_t) * g / (1 - U_t)
///     w = w - learning_rate * n / (sqrt(v / (1 - beta2^t)) + epsilon)
///
/// Defaults are Keras'. PyTorch takes learning_rate 2e-3, momentum_decay 4e-3 and epsilon 1e-8.
struct Nadam {
  double learning_rate = 1e-3;  ///< above 0
  double beta1 = 0.9;           ///< 0 up to, not including, 1
  double beta2 = 0.999;         ///< 0 up to, not including, 1
  double epsilon = 1e-7;        ///< 1e-30 to 1e30
  double momentum_decay = 1;    ///< above 0; how soon momentum is whole

  static constexpr const char* name = "nadam";
  static constexpr int least_slots = 2, most_slots = 2;

  /// Moments kept for each parameter: m and v.
  constexpr int state_slots() const { return 2; }

  /// Throws Error where a hyper-parameter is out of its range.
  void check() const {
    detail::check_learning_rate("Nadam: learning_rate", learning_rate);
    detail::check_decay("Nadam: beta1", beta1);
    detail::check_decay("Nadam: beta2", beta2);
    detail::check_epsilon("Nadam: epsilon", epsilon);
    detail::check_option(momentum_decay >= 1e-6 && momentum_decay <= 1e6, "Nadam: momentum_decay", momentum_decay,
                         "between 1e-6 and 1e6");
  }

  struct Constants {
    float beta1, beta2, rest1, rest2, epsilon;
    float of_moment, of_gradient;  ///< n's factors, times the learning rate
    float of_square;               ///< 1 / (1 - beta2^t)
  };

  STRATA_HD Constants constants(std::int64_t step) const {
    const auto t = static_cast<double>(step);
    const double now = 1 - momentum_product(step), next = 1 - momentum_product(step + 1);
    return {static_cast<float>(beta1),
            static_cast<float>(beta2),
            static_cast<float>(1 - beta1),
            static_cast<float>(1 - beta2),
            static_cast<float>(epsilon),
            static_cast<float>(learning_rate * momentum(t + 1) / next),
            static_cast<float>(learning_rate * (1 - momentum(t)) / now),
            static_cast<float>(1 / (1 - std::pow(beta2, t)))};
  }

  template <class T>
  STRATA_HD STRATA_INLINE static void update(T& w, const T& g, WeightMoments<T, 2>& moments, const Constants& c) {
    T &m = moments[0], &v = moments[1];
    m = c.beta1 * m + c.rest1 * g;
    v = c.beta2 * v + c.rest2 * (g * g);
    w -= (c.of_moment * m + c.of_gradient * g) / (square_root(v * c.of_square) + c.epsilon);
  }

 private:
  static constexpr double base = 0.96;

  /// u_t.
  STRATA_HD double momentum(double t) const { return beta1 * (1 - 0.5 * std::pow(base, t * momentum_decay)); }

  /// U_t, whose logarithm is, with r = 0.96^momentum_decay,
  ///
  ///     t log(beta1) + sum over i of log(1 - r^i / 2) = t log(beta1) - sum over k of r^k (1 - r^(k t)) / (k 2^k (1 -
  ///     r^k)):
  ///
  /// 24 terms for every t, each less than half of the one before: what is left out is below 1e-8.
  STRATA_HD double momentum_product(std::int64_t step) const {
    const auto t = static_cast<double>(step);
    const double r = std::pow(base, momentum_decay), r_to_t = std::pow(r, t);
    double power = 1, power_to_t = 1, half = 1, sum = 0;
    STRATA_NOUNROLL
    for (int k = 1; k <= 24; ++k) {
      power *= r;
      power_to_t *= r_to_t;
      half *= 0.5;
      sum += half / k * power * (1 - power_to_t) / (1 - power);
    }
    return std::pow(beta1, t) * std::exp(-sum);
  }
};

}  // namespace strata
