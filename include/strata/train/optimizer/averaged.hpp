// An exponential moving average of the weights, beside any optimizer.
#pragma once

#include <strata/train/optimizer/optimizer.hpp>

#include <cmath>
#include <cstdio>
#include <string>

namespace strata {

/// An optimizer that also averages the weights over its steps (Polyak and Juditsky 1992; Keras' use_ema):
///
///     the step of Rule, then  a = decay * a + (1 - decay) * w
///
/// with a = 0 before the first, so that after t steps a / (1 - decay^t) is the average. It is one more moment, kept and
/// saved with the others. `averaged(Adam{}, 0.999)` makes one; take_average puts the average into the model.
template <class Rule>
struct Averaged : Rule {
  double decay = 0.99;  ///< above 0 and below 1: about 1 / (1 - decay) steps are averaged over

  static constexpr int least_slots = Rule::least_slots + 1, most_slots = Rule::most_slots + 1;

  /// Moments kept for each parameter: those of Rule, then the average.
  constexpr int state_slots() const { return Rule::state_slots() + 1; }

  /// What its moments are: "averaged_0.99_adam". An average of another decay is another number.
  [[gnu::cold]] std::string state_name() const {
    char text[48];
    std::snprintf(text, sizeof text, "averaged_%.15g_", decay);
    return text + detail::state_name_of<Rule>(*this);
  }

  /// Throws Error where a hyper-parameter is out of its range.
  void check() const {
    Rule::check();
    detail::check_option(decay > 0 && decay < 1, "averaged: decay", decay, "above 0 and below 1");
  }

  struct Constants {
    typename Rule::Constants rule;
    float decay, rest;
  };

  STRATA_HD Constants constants(std::int64_t step) const {
    return {Rule::constants(step), static_cast<float>(decay), static_cast<float>(1 - decay)};
  }

  template <class T, int N>
  STRATA_HD STRATA_INLINE static void update(T& w, const T& g, WeightMoments<T, N>& moments, const Constants& c) {
    WeightMoments<T, N - 1> of_rule;
    STRATA_UNROLL
    for (int i = 0; i < N - 1; ++i) of_rule[i] = moments[i];
    Rule::update(w, g, of_rule, c.rule);
    STRATA_UNROLL
    for (int i = 0; i < N - 1; ++i) moments[i] = of_rule[i];
    T& a = moments[N - 1];
    a = c.decay * a + c.rest * w;
  }
};

/// `rule`, with an average of the weights beside it.
template <Optimizer Rule>
constexpr Averaged<Rule> averaged(const Rule& rule, double decay = 0.99) {
  return {rule, decay};
}

/// Puts the average into the place of the weights that trained, whose training then begins anew. Running averages of
/// batch normalisation stay. `optimizer` is the one that the model was trained with, of the same decay.
///
/// Throws Error where it was not.
template <class Model, class Rule>
void take_average(Model& model, const Averaged<Rule>& optimizer) {
  auto& state = model.training();
  if (state.steps == 0 || state.slots != optimizer.state_slots() || state.optimizer != optimizer.state_name())
    throw Error("take_average: the model was not trained with this averaged optimizer");
  const double sum = 1 - std::pow(optimizer.decay, static_cast<double>(state.steps));
  float* const weights = model.parameters().data();
  const std::size_t n = state.moments.size() / sizeof(float) / static_cast<std::size_t>(state.slots);
  const float* const average = state.moments.floats() + n * static_cast<std::size_t>(state.slots - 1);
  for (std::size_t i = 0; i < n; ++i) weights[i] = static_cast<float>(static_cast<double>(average[i]) / sum);
  state = {};
}

}  // namespace strata
