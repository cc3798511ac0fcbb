// How the learning rate changes over a run.
#pragma once

#include <strata/core/config.hpp>
#include <strata/core/error.hpp>
#include <strata/core/text.hpp>

#include <cmath>
#include <cstdint>

namespace strata {

/// A factor on the optimizer's learning rate, step by step. Lengths are in epochs, and may be fractions of one.
///
///     fit(model, train, Adam{.learning_rate = 1e-3}, {.epochs = 20, .schedule = Schedule::cosine().warm_up(1)});
///
/// It depends on the epochs since training began, so a run that is cut in two goes on where it stood, with another
/// batch too; an optimizer that begins afresh, since it is another one or fit's `restart` says so, begins its schedule.
/// Lengths that are left out reach to the end of the run's last epoch: give them where a run is to be cut.
///
/// With x the epochs behind a step since training (or warm-up) began, and n the length:
class Schedule {
 public:
  /// 1.
  constexpr Schedule() = default;

  /// factor^floor(x / every) (PyTorch's StepLR, Keras' ExponentialDecay with a staircase).
  static constexpr Schedule step(double every, double factor = 0.1) { return {Kind::step, every, factor, 0}; }

  /// factor^x: `factor` for each epoch (Keras' ExponentialDecay).
  static constexpr Schedule exponential(double factor) { return {Kind::exponential, 0, factor, 0}; }

  /// From 1 to `last`: last + (1 - last) (1 + cos(pi x / n)) / 2, and `last` behind n (Loshchilov and Hutter 2017;
  /// Keras' CosineDecay).
  static constexpr Schedule cosine(double last = 0, double length = 0) { return {Kind::cosine, length, last, 0}; }

  /// From 1 to `last` in a straight line, and `last` behind n (Keras' PolynomialDecay of power 1).
  static constexpr Schedule linear(double last = 0, double length = 0) { return {Kind::linear, length, last, 0}; }

  /// Up from `first` to 1 in the share `rise` of the run, then down to `last`, both as half a cosine (Smith and Topin
  /// 2018; PyTorch's OneCycleLR, whose defaults these are, without its cycle of the momentum).
  static constexpr Schedule one_cycle(double rise = 0.3, double first = 0.04, double last = 4e-6, double length = 0) {
    Schedule s(Kind::one_cycle, length, first, last);
    s.rise_ = rise;
    return s;
  }

  /// The factor `from` at the first step, times `to / from` at the end of the run, exponentially between: for range
  /// tests.
  static constexpr Schedule sweep(double from, double to, double length = 0) { return {Kind::sweep, length, from, to}; }

  /// This schedule behind a rise in a straight line over so many epochs: step i of w has the factor i / w (Goyal et al.
  /// 2017).
  constexpr Schedule warm_up(double epochs) const {
    Schedule s = *this;
    s.warm_up_ = epochs;
    return s;
  }

  /// Throws Error where a length or a factor is out of its range.
  [[gnu::cold]] void check() const {
    const auto good = [](double x) { return x >= 0 && x < 1e30; };
    if (!good(warm_up_)) throw Error("Schedule: a warm-up of a negative number of epochs");
    if (!good(length_)) throw Error("Schedule: the length must not be negative");
    if (kind_ == Kind::step && length_ == 0) throw Error("Schedule::step: `every` is 0; it must be above 0");
    if (!good(a_) || !good(b_)) throw Error("Schedule: factors must not be negative");
    if (kind_ == Kind::one_cycle && !(rise_ > 0 && rise_ < 1))
      throw Error("Schedule::one_cycle: the rise must be above 0 and below 1");
    if (kind_ == Kind::sweep && !(a_ > 0 && b_ > 0)) throw Error("Schedule::sweep: both ends must be above 0");
  }

  /// The schedule of a run of `epochs` epochs with so many steps each, counted since training began. Where earlier
  /// steps were of another size, step i has the place of step i + ahead.
  constexpr Schedule over(double steps_of_an_epoch, double epochs, std::int64_t ahead = 0) const {
    Schedule s = *this;
    s.steps_of_an_epoch_ = steps_of_an_epoch;
    s.ahead_ = ahead;
    if (s.length_ == 0) s.length_ = epochs > warm_up_ ? epochs - warm_up_ : 0;
    return s;
  }

  /// The factor of step 1, 2, ... since training began.
  STRATA_HD double factor(std::int64_t step) const {
    const double warm = warm_up_ * steps_of_an_epoch_;
    const double i = static_cast<double>(step - 1 + ahead_);
    if (i < warm) return (i + 1) / warm < 1 ? (i + 1) / warm : 1;
    const double behind = i - warm, x = behind / steps_of_an_epoch_;
    const double done = x < length_ ? x / length_ : 1;
    switch (kind_) {
      case Kind::constant:
        return 1;
      case Kind::step:
        return std::pow(a_, std::floor(x / length_ + 1e-9));  // a whole epoch may round to just below
      case Kind::exponential:
        return std::pow(a_, x);
      case Kind::linear:
        return 1 + (a_ - 1) * done;
      case Kind::cosine:
        return between(1, a_, done);
      case Kind::one_cycle: {
        // Steps, not borders between them, stand at the ends: the last step has `last` itself.
        const double steps = length_ * steps_of_an_epoch_, top = rise_ * steps - 1, end = steps - 1;
        if (behind <= top) return between(a_, 1, top > 0 ? behind / top : 1);
        return between(1, b_, behind < end ? (behind - top) / (end - top) : 1);
      }
      case Kind::sweep:
        return a_ * std::pow(b_ / a_, done);
    }
    return 1;
  }

 private:
  enum class Kind { constant, step, exponential, linear, cosine, one_cycle, sweep };

  constexpr Schedule(Kind kind, double length, double a, double b) : kind_(kind), length_(length), a_(a), b_(b) {}

  /// From `from` to `to` along half a cosine: (1 + cos(pi x)) / 2 = 1 - sin(pi x / 2)^2, for x from 0 to 1. The sine by
  /// its series up to the 21st power: std::cos would need tables in a device's memory for arguments that never come.
  STRATA_HD static double between(double from, double to, double done) {
    if (done >= 1) return to;
    const double angle = 1.57079632679489661923 * done, square = angle * angle;
    double series = 1;
    for (int k = 20; k >= 2; k -= 2) series = 1 - series * square / (k * (k + 1));
    const double sine = angle * series;
    return from + (to - from) * sine * sine;
  }

  Kind kind_ = Kind::constant;
  double length_ = 0;     ///< epochs behind the warm-up; of a step schedule, the length of a step
  double a_ = 1, b_ = 1;  ///< the factors
  double rise_ = 0.3;     ///< share of one_cycle's run
  double warm_up_ = 0;    ///< epochs
  double steps_of_an_epoch_ = 1;
  std::int64_t ahead_ = 0;  ///< steps
};

namespace detail {

/// An optimizer whose learning rate follows a schedule, and what a run found on its way.
template <class Rule>
struct Scheduled : Rule {
  Schedule schedule;
  double scale = 1;  ///< of the learning rate: what reduce-on-plateau changes

  using Rule::name;

  /// The same with another learning rate: so many times this one.
  constexpr Scheduled times(double factor) const {
    Scheduled other = *this;
    other.scale *= factor;
    return other;
  }

  STRATA_HD double learning_rate_of(std::int64_t step) const {
    return this->learning_rate * scale * schedule.factor(step);
  }

  STRATA_HD auto constants(std::int64_t step) const {
    Rule now = *this;
    now.learning_rate = learning_rate_of(step);
    return now.constants(step);
  }
};

}  // namespace detail
}  // namespace strata
