// Training on a GPU. The CPU looks at a run between launches, about ten times a second: then progress is shown, a stop
// is seen, and a loss that is not finite.
#pragma once

#include <strata/cuda/evaluation.cuh>
#include <strata/cuda/training.cuh>
#include <strata/model/cuda_runner.cuh>
#include <strata/model/model.hpp>
#include <strata/train/kept_features.hpp>
#include <strata/train/trainer.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

namespace strata::detail {

/// How many steps to queue before the next look: as many as take `seconds_between_looks`, a number that grows no more
/// than fourfold at once, and whole launches where it is larger than one.
class Looks {
 public:
  explicit Looks(int steps_of_a_launch) : launch_(steps_of_a_launch) {}

  std::int64_t steps() const { return steps_; }

  /// So many steps took so long.
  void took(std::int64_t steps, double seconds) {
    const double wanted = static_cast<double>(steps) * seconds_between_looks / std::max(seconds, 1e-9);
    steps_ = static_cast<std::int64_t>(std::clamp(wanted, 1.0, 4.0 * static_cast<double>(steps_)));
    if (steps_ > launch_) steps_ -= steps_ % launch_;
  }

 private:
  static constexpr double seconds_between_looks = 0.1;

  std::int64_t launch_, steps_ = 1;
};

template <class Net, Precision P, class Optimizer, class Loss>
class Trainer<Net, Cuda<P>, Optimizer, Loss> {
 public:
  using Run = cuda::Training<Plan<Net, Mode::training, Cuda<P>, Loss>, Optimizer, Loss>;
  using Runs = Runner<Net, Cuda<P>>;
  using Evaluator = typename Runs::template Evaluator<Loss>;

  Trainer(Model<Net, Cuda<P>>& model, const Dataset& train_set, const Dataset& validation_set,
          const Optimizer& optimizer, const Loss& loss, const FitOptions& options)
      : model_(model),
        train_(train_set),
        validation_(validation_set),
        optimizer_(optimizer),
        options_(options),
        steps_(fitting(train_set, validation_set, optimizer, options)),
        data_(copy_to_device<Net>(stream_, train_set)),
        run_(data_, optimizer, model.seed().value, run_options(steps_, options), loss),
        first_epoch_(model.training().epochs),
        epochs_(first_epoch_),
        taken_(model.training().steps) {
    // Half of the GPU's free memory: the rest is for whoever else is there.
    if constexpr (has_features)
      kept_.emplace(typename KeptOf::Of{.arena = std::as_const(model).parameters(),
                                        .backend = joined({"cuda ", P::name}),
                                        .bytes = feature_values * sizeof(float),
                                        .training = train_set,
                                        .validation = validation_set,
                                        .options = options,
                                        .seed = model.seed().value,
                                        .first_epoch = first_epoch_,
                                        .room = cuda::device_memory().free / 2});
    const TrainingState& state = model.training();
    run_.upload(std::as_const(model).parameters(), {state.moments.floats(), moments_of(state)});
    if (validation_set.empty()) return;
    validation_data_.emplace(copy_to_device<Net>(stream_, validation_set));
    evaluator_.emplace(run_.stream(), *validation_data_, run_.arena(),
                       Runs::template batch_of<typename Evaluator::Plan>(validation_set.size()), cuda::Launches{},
                       loss);
  }

  /// What becomes of the features of frozen layers, for people; empty where there are none.
  std::string about_features() const {
    if constexpr (has_features) return kept_->about();
    return {};
  }

  template <class AfterStep, class AfterFeatures>
  EpochRecord epoch(AfterStep after_step, AfterFeatures after_features) {
    const double begin = seconds_now();
    EpochRecord record;
    record.epoch = epochs_ + 1;
    record.complete = false;
    if (!make_features(after_features)) return record;
    if constexpr (has_features)
      if (features_ && kept_->take_turns() && epochs_ > first_epoch_)
        features_->replace(run_.stream(), features_of_epoch());
    run_.set_optimizer(optimizer_);
    run_.begin_epoch(epochs_, taken_);
    for (std::int64_t done = 0; done < steps_.count;) {
      const double look = seconds_now();
      const std::int64_t count = std::min(looks_.steps(), run_.full_steps() - done);
      if (count > 0)
        run_.run(count);
      else
        run_.run_last();
      const std::int64_t queued = std::max<std::int64_t>(1, count);
      const cuda::Tally tally = run_.tally();
      if (tally.stopped != 0) give_up(tally);
      looks_.took(queued, seconds_now() - look);
      done += queued;
      record = epoch_record(epochs_ + 1, tally.loss, tally.correct, tally.samples,
                            optimizer_.learning_rate_of(taken_ + tally.steps), seconds_now() - begin);
      after_step(done, record);
      record.complete = done == steps_.count || !stop_asked(options_);
      if (done == steps_.count || !record.complete) taken_ += tally.steps;
      if (!record.complete) return record;
    }
    ++epochs_;
    return record;
  }

  Evaluation validate() {
    Evaluation result(validation_.size(), Net::output.channels);
    std::int64_t right = 0;
    const double loss = run_evaluation(*evaluator_, result, right);
    result.set_sums(loss, right);
    return result;
  }

  void finish() {
    TrainingState& state = model_.training();
    run_.download(model_.parameters(), {state.moments.floats(), moments_of(state)});
    state.steps = taken_;
    state.epochs = epochs_;
  }

 private:
  using FeatureData = cuda::FeatureData<typename Run::Plan>;
  using KeptOf = RunFeatures<Net>;
  static constexpr bool has_features = Run::Plan::frozen_groups > 0;

  static constexpr std::size_t feature_values = [] {
    if constexpr (has_features)
      return static_cast<std::size_t>(cuda::Executor<typename Run::Plan>::features_shape.size());
    return std::size_t{0};
  }();

  /// The features of a data set, which lie in the CPU's memory or in a file; one version of them is on the GPU.
  static std::span<const float> all_of(const float* features, const Dataset& data) {
    return {features, static_cast<std::size_t>(data.size()) * feature_values};
  }
  std::span<const float> features_of_epoch() { return all_of(kept_->of_epoch(epochs_), train_); }

  /// Computes the features before the first step, where they pay. False where a stop was asked for meanwhile.
  template <class AfterFeatures>
  bool make_features(AfterFeatures after_features) {
    if constexpr (has_features) {
      if (features_ || !kept_->are_kept()) return true;
      std::int64_t done = 0;
      const auto compute = [&](const Dataset& data, int version, auto& writer) {
        return run_.compute_features(&data == &train_ ? data_ : *validation_data_, version,
                                     [&](const float* values, std::size_t samples) {
                                       writer.append(values, samples * feature_values * sizeof(float));
                                       after_features(done += static_cast<std::int64_t>(samples), kept_->samples());
                                       return !stop_asked(options_);
                                     });
      };
      if (!kept_->make(compute)) return false;
      features_.emplace(run_.stream(), features_of_epoch(), data_);
      run_.use_features(*features_);
      if (!validation_data_) return true;
      validation_features_.emplace(run_.stream(), all_of(kept_->of_validation(), validation_), *validation_data_);
      evaluator_->use_features(*validation_features_);
    }
    return true;
  }

  static std::size_t moments_of(const TrainingState& state) { return state.moments.size() / sizeof(float); }

  static cuda::TrainingOptions run_options(const Steps& steps, const FitOptions& options) {
    return {.batch = steps.batch,
            .shuffle = options.shuffle,
            .accumulate = options.accumulate,
            .clip_norm = options.clip_norm,
            .augment = options.augment};
  }

  /// Throws Error, before anything is allocated, where a run and its data sets do not fit the GPU's memory.
  static Steps fitting(const Dataset& train_set, const Dataset& validation_set, const Optimizer& optimizer,
                       const FitOptions& options) {
    const Steps steps(train_set, options);
    std::size_t data = bytes_on_device<Net>(train_set);
    if (!validation_set.empty()) {
      const int batch = Runs::template batch_of<typename Evaluator::Plan>(validation_set.size());
      data += bytes_on_device<Net>(validation_set) + Evaluator::bytes(batch);
    }
    const cuda::TrainingOptions run = run_options(steps, options);
    cuda::require_memory(
        data + Run::bytes(run, optimizer),
        joined({"training with a batch of ", steps.batch, " on ", train_set.size(), " samples"}),
        [&](std::size_t free) { return free < data ? 0 : Run::max_batch(free - data, run, optimizer); });
    return steps;
  }

  /// Leaves the model as it was before the step whose loss was not finite.
  [[noreturn]] void give_up(const cuda::Tally& tally) {
    taken_ += tally.steps;
    finish();
    const bool full = tally.steps < run_.full_steps();
    const auto samples = static_cast<double>(full ? run_.step_samples() : run_.last_samples());
    throw TrainingDiverged(epochs_ + 1, tally.steps + 1, tally.stopped_loss / samples,
                           optimizer_.learning_rate_of(taken_ + 1));
  }

  Model<Net, Cuda<P>>& model_;
  const Dataset& train_;
  const Dataset& validation_;
  const Optimizer& optimizer_;
  const FitOptions& options_;
  const Steps steps_;
  cuda::OwnedStream stream_;
  const typename Run::Data data_;
  Run run_;
  std::optional<typename Run::Data> validation_data_;
  std::optional<Evaluator> evaluator_;
  std::conditional_t<has_features, std::optional<KeptOf>, int> kept_{};
  std::optional<FeatureData> features_, validation_features_;
  Looks looks_{cuda::Launches{}.steps};
  std::int64_t first_epoch_, epochs_, taken_;
};

}  // namespace strata::detail
