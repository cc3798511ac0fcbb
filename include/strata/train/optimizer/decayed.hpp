// Weight decay, decoupled from the gradient, for every optimizer.
#pragma once

#include <strata/train/optimizer/optimizer.hpp>

namespace strata {

/// An optimizer whose weights also shrink (Loshchilov and Hutter 2019, decoupled weight decay; Keras' weight_decay):
///
///     w = w - learning_rate * weight_decay * w,   then the step of Rule
///
/// for all trainable parameters alike. `decayed(SGD{.momentum = 0.9}, 5e-4)` makes one.
template <class Rule>
struct Decayed : Rule {
  double weight_decay = 0;  ///< at least 0, and below 1 / learning_rate

  /// Throws Error where a hyper-parameter is out of its range.
  void check() const {
    Rule::check();
    detail::check_option(weight_decay >= 0 && weight_decay * this->learning_rate < 1, "weight_decay", weight_decay,
                         "at least 0, and below 1 / learning_rate");
  }

  struct Constants {
    typename Rule::Constants rule;
    float kept;  ///< of a weight
  };

  STRATA_HD Constants constants(std::int64_t step) const {
    return {Rule::constants(step), static_cast<float>(1 - this->learning_rate * weight_decay)};
  }

  template <class T, int N>
  STRATA_HD STRATA_INLINE static void update(T& w, const T& g, WeightMoments<T, N>& moments, const Constants& c) {
    w = c.kept * w;
    Rule::update(w, g, moments, c.rule);
  }
};

/// `rule` with decoupled weight decay.
template <Optimizer Rule>
constexpr Decayed<Rule> decayed(const Rule& rule, double weight_decay) {
  return {rule, weight_decay};
}

}  // namespace strata
