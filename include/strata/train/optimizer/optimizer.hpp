// The contract of an optimizer; sgd.hpp is the example to read.
//
// An optimizer is a value with its hyper-parameters as doubles, `learning_rate` among them. `constants(step)` gives the
// numbers of step 1, 2, ...; `update(w, g, moments, constants)` moves one weight, or one vector of them, by its
// gradient and its moments, of which there are `state_slots()`, zero at first. Both are marked STRATA_HD: the same text
// runs on vectors of the CPU and on floats of a device.
//
// `name` and the count of slots tell what the moments are, so that no other optimizer takes them for its own. Where
// that is not all of it, `state_name()` tells it in the name's place: it names them in checkpoints too.
//
// What changes an optimizer is an optimizer too, derived from it: decayed.hpp, averaged.hpp.
#pragma once

#include <strata/core/config.hpp>
#include <strata/core/error.hpp>
#include <strata/core/math.hpp>
#include <strata/core/moments.hpp>

#include <concepts>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>

namespace strata {

/// What `fit` asks of an optimizer.
template <class O>
concept Optimizer = requires(O optimizer, float value, WeightMoments<float, O::most_slots> moments) {
  { O::name } -> std::convertible_to<const char*>;
  { O::least_slots } -> std::convertible_to<int>;  // state_slots() lies between them
  { O::most_slots } -> std::convertible_to<int>;
  { std::as_const(optimizer).state_slots() } -> std::convertible_to<int>;
  std::as_const(optimizer).check();
  O::update(value, value, moments, std::as_const(optimizer).constants(std::int64_t{1}));
  {optimizer.learning_rate *= 0.5};
};

namespace detail {

/// What an optimizer's moments are, beside their count: moments of another name are no state of it.
template <class Rule>
std::string state_name_of(const Rule& rule) {
  if constexpr (requires { rule.state_name(); })
    return rule.state_name();
  else
    return Rule::name;
}

/// Throws, naming the option, its value and its range, unless `good`.
inline void check_option(bool good, const char* option, double value, const char* range) {
  char number[32];
  std::snprintf(number, sizeof number, "%g", value);
  if (!good) throw Error(std::string(option) + " is " + number + "; it must be " + range);
}

inline void check_learning_rate(const char* option, double value) {
  check_option(value > 0 && value < 1e30, option, value, "above 0");
}

/// What weighs the past in an average.
inline void check_decay(const char* option, double value) {
  check_option(value >= 0 && value < 1, option, value, "at least 0 and below 1");
}

/// Less than a float can add would make 0 / 0 of a gradient of zero.
inline void check_epsilon(const char* option, double value) {
  check_option(value >= 1e-30 && value <= 1e30, option, value, "between 1e-30 and 1e30");
}

}  // namespace detail
}  // namespace strata
