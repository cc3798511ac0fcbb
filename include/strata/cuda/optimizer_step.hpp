// What the optimizer needs to know of a step, in the device's memory.
#pragma once

#include <strata/cuda/side.hpp>

#include <cstdint>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// The hyper-parameters, the number of the step at hand, and the constants of its formula, which one thread computes at
/// the end of the step before. A recorded launch thus replays unchanged while a schedule changes the learning rate.
template <class Optimizer>
struct OptimizerStep {
  using Constants = decltype(Optimizer{}.constants(0));

  Optimizer optimizer{};
  std::int64_t number = 1;  ///< 1, 2, ...
  Constants constants{};

  OptimizerStep() = default;
  STRATA_HD OptimizerStep(const Optimizer& of, std::int64_t step)
      : optimizer(of), number(step), constants(of.constants(step)) {}

  STRATA_HD void move_on() {
    ++number;
    constants = optimizer.constants(number);
  }
};

/// The steps of an optimizer at several learning rates, each a factor on its own.
template <class Optimizer, int Rates>
struct OptimizerSteps {
  OptimizerStep<Optimizer> at[Rates];

  STRATA_HD void move_on() {
    for (OptimizerStep<Optimizer>& step : at) step.move_on();
  }
};

/// Where no optimizer is at work.
struct NoOptimizerStep {
  STRATA_HD void move_on() {}
};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
