// AdamW: Adam with decoupled weight decay.
#pragma once

#include <strata/train/optimizer/adam.hpp>
#include <strata/train/optimizer/decayed.hpp>

namespace strata {

/// AdamW (Loshchilov and Hutter 2019): Adam on weights that shrink by learning_rate * weight_decay in each step, all
/// trainable ones alike, as in Keras and PyTorch. Defaults are Keras'; PyTorch's weight_decay is 0.01.
struct AdamW {
  double learning_rate = 1e-3;  ///< above 0
  double weight_decay = 0.004;  ///< at least 0, and below 1 / learning_rate
  double beta1 = 0.9;           ///< 0 up to, not including, 1
  double beta2 = 0.999;         ///< 0 up to, not including, 1
  double epsilon = 1e-7;        ///< 1e-30 to 1e30

  static constexpr const char* name = "adamw";
  static constexpr int least_slots = 2, most_slots = 2;

  /// Moments kept for each parameter: Adam's.
  constexpr int state_slots() const { return 2; }

  /// Throws Error where a hyper-parameter is out of its range.
  void check() const { rule().check(); }

  using Constants = Decayed<Adam>::Constants;

  STRATA_HD Constants constants(std::int64_t step) const { return rule().constants(step); }

  template <class T>
  STRATA_HD STRATA_INLINE static void update(T& w, const T& g, WeightMoments<T, 2>& moments, const Constants& c) {
    Decayed<Adam>::update(w, g, moments, c);
  }

 private:
  STRATA_HD constexpr Decayed<Adam> rule() const {
    return {{.learning_rate = learning_rate, .beta1 = beta1, .beta2 = beta2, .epsilon = epsilon}, weight_decay};
  }
};

}  // namespace strata
