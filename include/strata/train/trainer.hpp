// What stands between fit and a backend: the contract of a Trainer.
#pragma once

#include <strata/core/buffer.hpp>
#include <strata/model/training_state.hpp>
#include <strata/train/history.hpp>
#include <strata/train/optimizer/optimizer.hpp>
#include <strata/train/options.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace strata::detail {

/// One run of training on a backend. Each backend specialises it, with
///
///     Trainer(model, train, validation, optimizer, loss, options)   all outlive it; validation may be empty
///     std::string about_features()                            a line for people: what becomes of the features of
///                                                             frozen layers; empty where there are none
///     EpochRecord epoch(after_step, after_features)           one epoch, or less where a stop is asked for;
///                                                             after_step(step, record so far) follows steps, and
///                                                             after_features(done, all) what comes before the first
///     Evaluation validate()                                   of the validation data
///     void finish()                                           the model has all that was learnt
///
/// Where the loss stops being finite, epoch leaves the model as it was before that step and throws TrainingDiverged.
template <class Net, class Backend, class Optimizer, class Loss>
class Trainer;

/// How an epoch is cut into steps, and a step into batches.
struct Steps {
  int batch;             ///< samples of a full batch
  std::int64_t samples;  ///< of a full step
  std::int64_t count;    ///< steps of an epoch, the last of which may be partial
  std::int64_t all;      ///< samples of an epoch

  Steps(const Dataset& data, const FitOptions& options)
      : batch(static_cast<int>(std::min<std::int64_t>(options.batch, data.size()))),
        samples(std::min<std::int64_t>(std::int64_t{batch} * options.accumulate, data.size())),
        count(options.drop_last ? data.size() / samples : (data.size() + samples - 1) / samples),
        all(options.drop_last ? count * samples : data.size()) {}

  /// Samples of step 0, 1, ...
  std::int64_t samples_of(std::int64_t step) const { return std::min(samples, all - step * samples); }
};

/// Whether the run is to end.
inline bool stop_asked(const FitOptions& options) {
  return options.stop && options.stop->load(std::memory_order_relaxed);
}

/// The sums of an epoch so far, as a record.
[[gnu::cold]] inline EpochRecord epoch_record(std::int64_t epoch, double loss, std::int64_t right, std::int64_t samples,
                                              double learning_rate, double seconds) {
  const auto n = static_cast<double>(samples);
  return {.epoch = epoch,
          .loss = loss / n,
          .accuracy = static_cast<double>(right) / n,
          .seconds = seconds,
          .images_per_second = n / seconds,
          .learning_rate = learning_rate,
          .samples = samples,
          .complete = true,
          .best = false,
          .validation_loss = {},
          .validation_accuracy = {}};
}

/// Gives the model the state that the optimizer wants: the one it has, where that holds the same moments, else a fresh
/// one.
template <class Net, class Optimizer>
void prepare_state(TrainingState& state, const Optimizer& optimizer, bool restart) {
  std::string name = state_name_of(optimizer);
  const bool same = state.optimizer == name && state.slots == optimizer.state_slots();
  if (restart) state.epochs = 0;
  if (same && !restart) return;
  state.optimizer = std::move(name);
  state.slots = optimizer.state_slots();
  state.moments = AlignedBuffer(static_cast<std::size_t>(state.slots) * Net::parameters.trainable_bytes());
  state.steps = 0;
  state.epochs_before = state.epochs;
}

/// The schedule of the run that begins now. Its place is counted in epochs since the optimizer began, and not in steps:
/// those of earlier runs may have been of another size, and an epoch that was stopped is done again.
[[gnu::cold]] inline Schedule schedule_of_run(const FitOptions& options, const Steps& steps,
                                              const TrainingState& state) {
  const std::int64_t done = state.epochs - state.epochs_before;
  return options.schedule.over(static_cast<double>(steps.count), static_cast<double>(done + options.epochs),
                               done * steps.count - state.steps);
}

}  // namespace strata::detail
