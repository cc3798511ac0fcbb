// Adagrad: steps divided by the size of all gradients so far.
#pragma once

#include <strata/train/optimizer/optimizer.hpp>

#include <cmath>

namespace strata {

/// Adagrad (Duchi, Hazan and Singer 2011), as Keras writes it:
///
///     v = v + g^2,   which begins at initial_accumulator
///     w = w - learning_rate * g / sqrt(v + epsilon)
///
/// Defaults are Keras'. PyTorch's are learning_rate 0.01, initial_accumulator 0 and epsilon 1e-10 outside the root.
struct Adagrad {
  double learning_rate = 1e-3;       ///< above 0
  double initial_accumulator = 0.1;  ///< at least 0
  double epsilon = 1e-7;             ///< 1e-30 to 1e30

  static constexpr const char* name = "adagrad";
  static constexpr int least_slots = 1, most_slots = 1;

  /// Moments kept for each parameter: the sum of g^2, without what it begins at.
  constexpr int state_slots() const { return 1; }

  /// Throws Error where a hyper-parameter is out of its range.
  void check() const {
    detail::check_learning_rate("Adagrad: learning_rate", learning_rate);
    detail::check_option(initial_accumulator >= 0 && initial_accumulator < 1e30, "Adagrad: initial_accumulator",
                         initial_accumulator, "at least 0");
    detail::check_epsilon("Adagrad: epsilon", epsilon);
  }

  struct Constants {
    float rate, begin;
  };

  STRATA_HD Constants constants(std::int64_t /*step*/) const {
    return {static_cast<float>(learning_rate), static_cast<float>(initial_accumulator + epsilon)};
  }

  template <class T>
  STRATA_HD STRATA_INLINE static void update(T& w, const T& g, WeightMoments<T, 1>& moments, const Constants& c) {
    T& v = moments[0];
    v += g * g;
    w -= c.rate * g / square_root(v + c.begin);
  }
};

}  // namespace strata
