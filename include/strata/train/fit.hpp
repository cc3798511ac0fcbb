// fit: trains a model.
#pragma once

#include <strata/core/permutation.hpp>
#include <strata/core/text.hpp>
#include <strata/cpu/optimize.hpp>
#include <strata/data/loader.hpp>
#include <strata/model/evaluate.hpp>
#include <strata/model/model.hpp>
#include <strata/train/history.hpp>
#include <strata/train/loss/cross_entropy.hpp>
#include <strata/train/optimizer/optimizer.hpp>
#include <strata/train/progress.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

namespace strata {

/// How fit runs.
struct FitOptions {
  std::int64_t epochs = 1;      ///< epochs of this call
  int batch = 32;               ///< samples of a step
  Dataset validation{};         ///< evaluated after each epoch; none by default
  double validation_split = 0;  ///< or the last part of the training data, as a share of it (Keras)
  bool drop_last = false;       ///< leave out the last batch of an epoch where it is not full
  bool shuffle = true;          ///< another order in each epoch, from the model's seed
  bool restart = false;         ///< begin with fresh moments, step 1 and epoch 1; parameters stay
  Progress progress = Progress::automatic;
  const std::atomic<bool>* stop =
      nullptr;  ///< where it becomes true, the run ends after the step; a signal handler may set it
};

/// Thrown where the loss is no longer a finite number.
class TrainingDiverged : public Error {
 public:
  [[gnu::cold]] TrainingDiverged(std::int64_t at_epoch, std::int64_t at_step, double loss, double learning_rate)
      : Error(joined({"training diverged: the loss is ", std::isnan(loss) ? "nan" : std::to_string(loss), " in epoch ",
                      at_epoch, ", step ", at_step, "; try a learning rate below ", short_number(learning_rate),
                      ", look for values that are not finite in the data, or add batch normalisation"})),
        epoch(at_epoch),
        step(at_step) {}

  std::int64_t epoch;  ///< counted from 1
  std::int64_t step;   ///< of the epoch, counted from 1

 private:
  static std::string short_number(double x) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", x);
    return text;
  }
};

namespace detail {

/// What the loss leaves for each sample of a batch, in the plan's per-sample records.
struct alignas(64) SampleRecord {
  std::int64_t index = 0;
  SampleScore score;
};
static_assert(sizeof(SampleRecord) == 64);

[[gnu::cold]] inline void check_fit(const FitOptions& o) {
  if (o.epochs < 1) throw Error(joined({"fit: ", o.epochs, " epochs; at least one is needed"}));
  if (o.batch < 1) throw Error(joined({"fit: a batch of ", o.batch, "; it must be at least 1"}));
  if (!o.validation.empty() && o.validation_split != 0)
    throw Error("fit: both validation and validation_split are given; give one of them");
}

/// Throws where nothing would be trained on.
[[gnu::cold]] inline void check_drop_last(const Dataset& train, const FitOptions& o) {
  if (o.drop_last && train.size() < o.batch)
    throw Error(joined({"fit: drop_last with a batch of ", o.batch, " leaves nothing of ", train.size(),
                        " samples; take a smaller batch"}));
}

/// Gives the model the state that the optimizer wants: the one it has, where that is of the same kind, else a fresh
/// one.
template <class Net, class Optimizer>
void prepare_state(TrainingState& state, const Optimizer& optimizer, bool restart) {
  const bool same = state.optimizer == Optimizer::name && state.slots == optimizer.state_slots();
  if (restart) state.epochs = 0;
  if (same && !restart) return;
  state.optimizer = Optimizer::name;
  state.slots = optimizer.state_slots();
  state.moments = AlignedBuffer(static_cast<std::size_t>(state.slots) * Net::parameters.trainable_bytes());
  state.steps = 0;
}

/// One run of training: the workspace and the loop over steps.
template <class Net, class Backend, class Optimizer, class Loss>
class Fit {
 public:
  using P = Plan<Net, Mode::training, Backend, Loss>;
  using Executor = cpu::Executor<P>;

  Fit(Model<Net, Backend>& model, const Dataset& train, const Optimizer& optimizer, const FitOptions& options)
      : model_(model),
        train_(train),
        optimizer_(optimizer),
        options_(options),
        batch_(static_cast<int>(std::min<std::int64_t>(options.batch, train.size()))),
        executor_(model.pool(), batch_),
        gradients_(Net::parameters.trainable_bytes()),
        averages_before_(averages_bytes) {
    steps_ = options.drop_last ? train.size() / batch_ : (train.size() + batch_ - 1) / batch_;
  }

  std::int64_t steps() const { return steps_; }

  /// Trains one epoch; ends early where a stop is asked for. `after_step(step, record so far)` follows each step.
  template <class AfterStep>
  EpochRecord epoch(AfterStep after_step) {
    TrainingState& state = model_.training();
    EpochRecord record;
    record.epoch = state.epochs + 1;
    const Permutation order(static_cast<std::uint64_t>(train_.size()), model_.seed().value,
                            static_cast<std::uint64_t>(state.epochs));
    const double begin = seconds_now();
    double loss = 0;
    std::int64_t right = 0;
    for (std::int64_t step = 0; step < steps_; ++step) {
      const std::int64_t first = step * batch_;
      const int n = static_cast<int>(std::min<std::int64_t>(batch_, train_.size() - first));
      const double step_loss = run_step(order, first, n, state, right);
      if (!std::isfinite(step_loss))
        throw TrainingDiverged(record.epoch, step + 1, step_loss / n, optimizer_.learning_rate);
      loss += step_loss;
      record.samples += n;
      record.loss = loss / static_cast<double>(record.samples);
      record.accuracy = static_cast<double>(right) / static_cast<double>(record.samples);
      record.seconds = seconds_now() - begin;
      record.images_per_second = static_cast<double>(record.samples) / record.seconds;
      after_step(step + 1, record);
      if (stop_asked() && step + 1 < steps_) {
        record.complete = false;
        return record;
      }
    }
    ++state.epochs;
    return record;
  }

  bool stop_asked() const { return options_.stop && options_.stop->load(std::memory_order_relaxed); }

 private:
  /// Forward, loss, backward and update on `n` samples from place `first` of the order. Returns the sum of the losses.
  double run_step(const Permutation& order, std::int64_t first, int n, TrainingState& state, std::int64_t& right) {
    constexpr int classes = P::result_shape.channels;
    float* arena = model_.parameters().data();
    float* input = executor_.input(n);
    auto* records = reinterpret_cast<SampleRecord*>(executor_.samples(n));
    const auto key = model_.key();
    const auto counter = static_cast<std::uint32_t>(state.steps);
    for_samples(n, Net::input_shape.size() / 4, [&](int i) {
      const auto place = static_cast<std::uint64_t>(first + i);
      records[i].index = static_cast<std::int64_t>(options_.shuffle ? order(place) : place);
      loader_.load(train_.image(records[i].index), input + i * Executor::input_stride);
    });
    // Forward moves the running averages, so a step that is given up would leave its mark on them.
    float* averages = arena + Net::parameters.trainable_floats;
    if (averages_bytes > 0) std::memcpy(averages_before_.data(), averages, averages_bytes);
    executor_.forward(arena, n, key, counter);
    const float* logits = executor_.result(n);
    float* gradient = executor_.result_gradient(n);
    for_samples(n, classes, [&](int i) {
      records[i].score = Loss::score(logits + i * Executor::result_stride, classes, truth_of(train_, records[i].index),
                                     gradient + i * Executor::result_stride, 1.0f / static_cast<float>(n));
    });
    double loss = 0;
    for (int i = 0; i < n; ++i) {
      loss += static_cast<double>(records[i].score.loss);
      right += records[i].score.correct;
    }
    if (!std::isfinite(loss)) {
      if (averages_bytes > 0) std::memcpy(averages, averages_before_.data(), averages_bytes);
      return loss;
    }
    executor_.backward(arena, gradients_.floats(), n, key, counter);
    ++state.steps;
    cpu::optimize(model_.pool(), optimizer_, state.steps, arena, gradients_.floats(), state.moments.floats(),
                  Net::parameters.trainable_floats);
    return loss;
  }

  /// Calls f(i) for n samples in one region; each costs about as much as the exponentials of `floats`.
  template <class F>
  void for_samples(int n, std::int64_t floats, F f) {
    const int rows = cpu::rows_per_task(std::max<std::int64_t>(1, floats));
    model_.pool().run((n + rows - 1) / rows, [&](int task, int) {
      for (int i = task * rows; i < std::min(n, (task + 1) * rows); ++i) f(i);
    });
  }

  static constexpr std::size_t averages_bytes = Net::parameters.state_bytes();

  Model<Net, Backend>& model_;
  const Dataset& train_;
  const Optimizer& optimizer_;
  const FitOptions& options_;
  const Loader<typename Net::input> loader_;
  int batch_;
  std::int64_t steps_ = 0;
  Executor executor_;
  AlignedBuffer gradients_;
  AlignedBuffer averages_before_;
};

}  // namespace detail

/// Trains `model` on `train` and returns what happened, epoch by epoch.
///
///     History history = fit(model, train, Adam{.learning_rate = 1e-3}, {.epochs = 10, .batch = 128, .validation =
///     test});
///
/// A second fit goes on where the first one stood: the optimizer's moments (where it is of the same kind), the count of
/// steps, the order of samples. After 2 + 3 epochs a model equals, bit for bit, one after 5. The last batch of an epoch
/// may be partial; it is averaged over its true size. The same seed gives the same bits on any number of threads.
///
/// Throws Error where the data does not suit the network, nothing in it can be trained or an option is out of range,
/// and TrainingDiverged where the loss stops being finite; the parameters are then those before that step. Allocates in
/// its first step, then no more.
template <class Net, class Backend, Optimizer Rule, class Loss = CrossEntropy>
History fit(Model<Net, Backend>& model, const Dataset& train, const Rule& optimizer, const FitOptions& options = {},
            Loss = {}) {
  History history;
  if constexpr (detail::runs<Net, Backend, Mode::training>()) {
    if (Net::trainable_count == 0) throw Error("fit: no layer of this network has parameters to train");
    detail::check_fit(options);
    optimizer.check();
    Dataset training = train, validation = options.validation;
    if (options.validation_split != 0) {
      auto parts = train.split(options.validation_split);
      training = parts.train;
      validation = parts.validation;
    }
    detail::check_data("fit", training, Net::input_shape, Net::output);
    detail::check_drop_last(training, options);
    if (!validation.empty()) detail::check_data("fit, validation", validation, Net::input_shape, Net::output);
    detail::prepare_state<Net>(model.training(), optimizer, options.restart);

    detail::Fit<Net, Backend, Rule, Loss> run(model, training, optimizer, options);
    detail::ProgressPrinter progress(options.progress, model.training().epochs + options.epochs, run.steps());
    progress.set_batch(options.batch);
    const double begin = detail::seconds_now();
    history.epochs.reserve(static_cast<std::size_t>(options.epochs));
    for (std::int64_t e = 0; e < options.epochs && !history.stopped; ++e) {
      EpochRecord record = run.epoch([&](std::int64_t step, const EpochRecord& so_far) {
        progress.step(so_far.epoch, step, so_far.loss, so_far.accuracy, so_far.images_per_second);
      });
      if (!validation.empty() && record.complete) {
        const Evaluation seen = evaluate(model, validation);
        record.validation_loss = seen.loss;
        record.validation_accuracy = seen.accuracy;
      }
      history.stopped = !record.complete || (run.stop_asked() && e + 1 < options.epochs);
      progress.epoch(record);
      history.epochs.push_back(record);
    }
    history.seconds = detail::seconds_now() - begin;
  }
  return history;
}

}  // namespace strata
