// learning_rate_range_test: which learning rates a network learns with.
#pragma once

#include <strata/core/text.hpp>
#include <strata/train/fit.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace strata {

/// How the test runs.
struct RangeTestOptions {
  double from = 1e-6, to = 10;  ///< learning rates of the first and the last step
  int steps = 100;
  int batch = 32;
  double smoothing = 0.9;  ///< of the losses: the weight of those before (exponential average, unbiased)
  double give_up_at = 4;   ///< ends where the smoothed loss is so many times the least: above 1
};

/// What it found, step by step.
struct RangeTest {
  std::vector<double> learning_rates, losses, smoothed;
  double suggestion = 0;  ///< the rate where the smoothed loss falls steepest, by the logarithm of the rate; 0: nowhere
  double least = 0;       ///< the rate where it is least: too large to train with, a tenth of it is another suggestion
  double diverged = 0;    ///< the rate behind whose step the loss was no finite number, which ended the test; 0: none
};

namespace detail {

/// Puts a model's parameters and the state of its training back when it goes.
template <class M>
class KeptModel {
 public:
  explicit KeptModel(M& model)
      : model_(model), state_(std::move(model.training())), parameters_(model.parameters().size_bytes()) {
    std::memcpy(parameters_.data(), model.parameters().data(), parameters_.size());
    model.training() = {};
  }
  KeptModel(const KeptModel&) = delete;
  KeptModel& operator=(const KeptModel&) = delete;
  ~KeptModel() {
    std::memcpy(model_.parameters().data(), parameters_.data(), parameters_.size());
    model_.training() = std::move(state_);
  }

 private:
  M& model_;
  TrainingState state_;
  AlignedBuffer parameters_;
};

/// Throws where a sample holds a value that is not finite, which spoils the losses of its batches at any rate.
[[gnu::cold]] inline void check_finite_samples(const char* what, const Dataset& data) {
  const std::span<const float> values = data.floats();
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i]))
      throw Error(joined({what, ": sample ", static_cast<std::int64_t>(i) / data.shape().size(), " holds ",
                          std::to_string(values[i]), "; samples must be finite numbers"}));
}

}  // namespace detail

/// Trains with a learning rate that grows from step to step, the same factor each time, and looks at the loss (Smith
/// 2017, as fastai's lr_find reads it). `optimizer`'s own learning rate does not matter. The model is as it was before,
/// where this throws too: what fit throws, and Error where an option is out of range. A loss that is not finite ends
/// the test where learning did it; where the data or the model did, TrainingDiverged or an Error that names the sample
/// is thrown.
template <class Net, class Backend, Optimizer Rule, Loss By = CrossEntropy>
[[gnu::cold]] RangeTest learning_rate_range_test(Model<Net, Backend>& model, const Dataset& train, Rule optimizer,
                                                 const RangeTestOptions& how = {}, const By& loss = {}) {
  if (!(how.from > 0 && how.from < how.to)) throw Error("learning_rate_range_test: rates must grow from above 0");
  if (how.steps < 3) throw Error("learning_rate_range_test: at least 3 steps are needed");
  if (!(how.smoothing >= 0 && how.smoothing < 1))
    throw Error("learning_rate_range_test: smoothing must be at least 0 and below 1");
  if (!(how.give_up_at > 1)) throw Error("learning_rate_range_test: give_up_at must be above 1");
  std::atomic<bool> stop{false};
  FitOptions options{.batch = how.batch, .progress = Progress::silent, .stop = &stop};
  detail::check_fit(options);
  optimizer.check();
  loss.check();
  detail::check_data("learning_rate_range_test", train, Net::input_shape, Net::output);
  const detail::Steps steps(train, options);
  const double epochs = static_cast<double>(how.steps) / static_cast<double>(steps.count);
  // The last of n steps has the rate `to`: its factor is that of place (n - 1) / n of the way.
  const double growth = std::pow(how.to / how.from, 1.0 / (how.steps - 1));
  options.schedule = Schedule::sweep(how.from, how.to * growth, epochs);
  const detail::KeptModel kept(model);
  detail::prepare_state<Net>(model.training(), optimizer, true);
  optimizer.learning_rate = 1;
  detail::Scheduled<Rule> scheduled{optimizer, options.schedule.over(static_cast<double>(steps.count), epochs)};

  RangeTest test;
  const Dataset none;
  detail::Trainer<Net, Backend, detail::Scheduled<Rule>, By> run(model, train, none, scheduled, loss, options);
  double average = 0, least = 0;
  const auto after_step = [&](double of_step, double rate) {
    test.learning_rates.push_back(rate);
    test.losses.push_back(of_step);
    average = how.smoothing * average + (1 - how.smoothing) * of_step;
    const auto n = static_cast<double>(test.losses.size());
    const double smoothed = average / (1 - std::pow(how.smoothing, n));
    test.smoothed.push_back(smoothed);
    if (n == 1 || smoothed < least) {
      least = smoothed;
      test.least = rate;
    }
    stop = static_cast<int>(n) >= how.steps || smoothed > how.give_up_at * least;
  };
  try {
    while (!stop) {
      double sum = 0, samples = 0;
      run.epoch(
          [&](std::int64_t, const EpochRecord& so_far) {
            const double all = so_far.loss * static_cast<double>(so_far.samples);
            const double seen = static_cast<double>(so_far.samples) - samples;
            if (!stop) after_step((all - sum) / seen, so_far.learning_rate);
            sum = all;
            samples = static_cast<double>(so_far.samples);
          },
          [](std::int64_t, std::int64_t) {});
    }
  } catch (const TrainingDiverged&) {
    if (test.losses.empty()) throw;  // before any step: no rate is at fault
    detail::check_finite_samples("learning_rate_range_test", train);
    test.diverged = test.learning_rates.back();
  }

  double steepest = 0;
  // The first averages are those of few losses: noise, which may fall steeper than anything behind it.
  const auto first = static_cast<std::size_t>(std::min(1 / (1 - how.smoothing), how.steps / 4.0)) + 1;
  for (std::size_t i = first; i + 1 < test.smoothed.size(); ++i) {
    const double slope = test.smoothed[i + 1] - test.smoothed[i - 1];  // steps lie evenly in the logarithm
    if (slope < steepest && test.learning_rates[i] <= test.least) {
      steepest = slope;
      test.suggestion = test.learning_rates[i];
    }
  }
  return test;
}

}  // namespace strata
