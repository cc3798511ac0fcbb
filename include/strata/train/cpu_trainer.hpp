// Training on the CPU.
#pragma once

#include <strata/core/permutation.hpp>
#include <strata/cpu/executor.hpp>
#include <strata/cpu/gradients.hpp>
#include <strata/cpu/optimize.hpp>
#include <strata/data/augmenting_loader.hpp>
#include <strata/data/loader.hpp>
#include <strata/model/evaluate.hpp>
#include <strata/model/model.hpp>
#include <strata/train/features.hpp>
#include <strata/train/trainer.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace strata::detail {

/// What the loss leaves for each sample of a batch, in the plan's per-sample records.
struct alignas(64) SampleRecord {
  std::int64_t index = 0;
  SampleScore score;
};
static_assert(sizeof(SampleRecord) == 64);

template <class Net, Convolution C, Isa I, class Optimizer, class Loss>
class Trainer<Net, Cpu<C, I>, Optimizer, Loss> {
 public:
  using Backend = Cpu<C, I>;
  using P = Plan<Net, Mode::training, Backend, Loss>;
  using Executor = cpu::Executor<P>;

  Trainer(Model<Net, Backend>& model, const Dataset& train_set, const Dataset& validation_set,
          const Optimizer& optimizer, const Loss& loss, const FitOptions& options)
      : model_(model),
        train_(train_set),
        validation_(validation_set),
        optimizer_(optimizer),
        loss_(loss),
        options_(options),
        augmenting_loader_(options.augment),
        augments_(options.augment.works()),
        steps_(train_set, options),
        executor_(model.pool(), steps_.batch),
        gradients_(Net::parameters.trainable_bytes()),
        sums_(options.accumulate > 1 ? Net::parameters.trainable_bytes() : 0),
        norm_parts_(options.clip_norm > 0 ? norm_bytes : 0),
        averages_before_(averages_bytes) {
    if constexpr (has_features)
      features_.emplace(typename KeptOf::Of{.arena = std::as_const(model).parameters(),
                                            .backend = joined({"cpu ", static_cast<int>(I), " ", static_cast<int>(C)}),
                                            .bytes = feature_bytes,
                                            .training = train_set,
                                            .validation = validation_set,
                                            .options = options,
                                            .seed = model.seed().value,
                                            .first_epoch = model.training().epochs});
  }

  template <class AfterStep, class AfterFeatures>
  EpochRecord epoch(AfterStep after_step, AfterFeatures after_features) {
    TrainingState& state = model_.training();
    const std::int64_t number = state.epochs + 1;
    const Permutation order(static_cast<std::uint64_t>(train_.size()), model_.seed().value,
                            static_cast<std::uint64_t>(state.epochs));
    const double begin = seconds_now();
    EpochRecord record;
    record.epoch = number;
    record.complete = false;
    if (!make_features(after_features)) return record;
    Sums sums;
    for (std::int64_t step = 0; step < steps_.count; ++step) {
      const std::int64_t first = step * steps_.samples, n = steps_.samples_of(step);
      const double before = sums.loss, rate = optimizer_.learning_rate_of(state.steps + 1);
      run_step(order, first, n, state, sums);
      if (!std::isfinite(sums.loss))
        throw TrainingDiverged(number, step + 1, (sums.loss - before) / static_cast<double>(n), rate);
      record = epoch_record(number, sums.loss, sums.right, first + n, rate, seconds_now() - begin);
      after_step(step + 1, record);
      if (stop_asked(options_) && step + 1 < steps_.count) {
        record.complete = false;
        return record;
      }
    }
    ++state.epochs;
    return record;
  }

  /// What becomes of the features of frozen layers, for people; empty where there are none.
  std::string about_features() const {
    if constexpr (has_features) return features_->about();
    return {};
  }

  Evaluation validate() {
    if constexpr (has_features)
      if (features_->are_made())
        return model_.runner().evaluate(model_.weights(), validation_, loss_, features_->of_validation());
    return evaluate(model_, validation_, loss_);
  }
  void finish() {}

 private:
  /// What an epoch adds up.
  struct Sums {
    double loss = 0;
    std::int64_t right = 0;
  };

  using KeptOf = RunFeatures<Net>;
  static constexpr bool has_features = P::frozen_groups > 0;
  static constexpr std::size_t feature_bytes = [] {
    if constexpr (has_features) return static_cast<std::size_t>(Executor::features_stride) * sizeof(float);
    return std::size_t{0};
  }();

  /// Computes the features before the first step, where they pay. False where a stop was asked for meanwhile.
  template <class AfterFeatures>
  bool make_features(AfterFeatures after_features) {
    if constexpr (has_features) {
      if (!features_->are_kept()) return true;
      std::int64_t before = 0;
      return features_->make([&](const Dataset& data, int version, auto& writer) {
        const bool whole = compute_features<P>(
            model_.pool(), executor_, model_.parameters().data(), data, options_, version, model_.key(), writer,
            [&](std::int64_t done) { after_features(before + done, features_->samples()); });
        before += data.size();
        return whole;
      });
    }
    return true;
  }

  /// Gradients of `n` samples from place `first` of the order, batch by batch, then the update. Where a loss is not
  /// finite, the sum is not, and the parameters are those before the step.
  void run_step(const Permutation& order, std::int64_t first, std::int64_t n, TrainingState& state, Sums& sums) {
    // Forward moves the running averages, so a step that is given up would leave its mark on them.
    float* const arena = model_.parameters().data();
    float* const averages = arena + Net::parameters.trainable_floats;
    if (averages_bytes > 0) std::memcpy(averages_before_.data(), averages, averages_bytes);
    float* gradients = gradients_.floats();
    auto counter = static_cast<std::uint32_t>(state.steps * options_.accumulate);
    for (std::int64_t done = 0; done < n; ++counter) {
      const int batch = static_cast<int>(std::min<std::int64_t>(steps_.batch, n - done));
      run_batch(order, first + done, batch, counter, sums);
      if (!std::isfinite(sums.loss)) {
        if (averages_bytes > 0) std::memcpy(averages, averages_before_.data(), averages_bytes);
        return;
      }
      if (options_.accumulate > 1) {
        gradients = sums_.floats();
        cpu::accumulate(model_.pool(), gradients, gradients_.floats(),
                        static_cast<float>(batch) / static_cast<float>(n), done == 0, Net::parameters.trainable_floats);
      }
      done += batch;
    }
    float scale = 1;
    if (options_.clip_norm > 0) {
      const double norm = cpu::norm(model_.pool(), gradients, Net::parameters.trainable_floats,
                                    reinterpret_cast<double*>(norm_parts_.data()));
      if (norm > options_.clip_norm) scale = static_cast<float>(options_.clip_norm / norm);
    }
    ++state.steps;
    for (int r = 0; r < Net::parameters.rate_count; ++r) {
      const RateRange& range = Net::parameters.rates[static_cast<std::size_t>(r)];
      cpu::optimize(model_.pool(), optimizer_.times(range.factor), state.steps, arena, gradients,
                    state.moments.floats(), Net::parameters.trainable_floats, scale, range.begin, range.end);
    }
  }

  /// Forward, loss and backward on `n` samples from place `first` of the order.
  void run_batch(const Permutation& order, std::int64_t first, int n, std::uint32_t counter, Sums& sums) {
    constexpr int classes = P::result_shape.channels;
    float* arena = model_.parameters().data();
    float* input = executor_.input(n);
    auto* records = reinterpret_cast<SampleRecord*>(executor_.samples(n));
    const auto key = model_.key();
    const int version = options_.augment.version_of(model_.training().epochs);
    const float* features = nullptr;
    if constexpr (has_features)
      if (features_->are_made()) features = features_->of_epoch(model_.training().epochs);
    for_samples(n, Net::input_shape.size() / 4, [&](int i) {
      const auto index_at = [&](std::int64_t place) {
        return options_.shuffle ? static_cast<std::int64_t>(order(static_cast<std::uint64_t>(place))) : place;
      };
      records[i].index = index_at(first + i);
      if constexpr (has_features)
        if (features) {
          constexpr std::int64_t stride = Executor::features_stride;
          std::memcpy(executor_.features(n) + i * stride, features + records[i].index * stride, feature_bytes);
          return;
        }
      // While this batch is computed, the next one comes from disk.
      if (train_.reads_ahead() && first + n + i < train_.size()) train_.expect(index_at(first + n + i));
      const Sample sample = train_.image(records[i].index);
      float* const to = input + i * Executor::input_stride;
      if (!augments_)
        loader_.load(sample, to);
      else if (version < 0)
        augmenting_loader_.load(sample, {key, counter, philox::Stream::augmentation, 0}, static_cast<std::uint32_t>(i),
                                to);
      else
        augmenting_loader_.load(sample, version_draw(key, version), static_cast<std::uint32_t>(records[i].index), to);
    });
    if (features == nullptr)
      executor_.forward(arena, n, key, counter);
    else
      executor_.forward_from_features(arena, n, key, counter);
    const float* logits = executor_.result(n);
    float* gradient = executor_.result_gradient(n);
    for_samples(n, classes, [&](int i) {
      records[i].score = loss_.score(logits + i * Executor::result_stride, classes, truth_of(train_, records[i].index),
                                     gradient + i * Executor::result_stride, 1.0f / static_cast<float>(n));
    });
    double loss = 0;
    for (int i = 0; i < n; ++i) {
      loss += static_cast<double>(records[i].score.loss);
      sums.right += records[i].score.correct;
    }
    sums.loss += loss;
    if (std::isfinite(loss)) executor_.backward(arena, gradients_.floats(), n, key, counter);
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
  static constexpr std::size_t norm_bytes =
      static_cast<std::size_t>(cpu::norm_parts(Net::parameters.trainable_floats)) * sizeof(double);

  Model<Net, Backend>& model_;
  const Dataset& train_;
  const Dataset& validation_;
  const Optimizer& optimizer_;
  const Loss& loss_;
  const FitOptions& options_;
  const Loader<typename Net::input> loader_;
  const AugmentingLoader<typename Net::input> augmenting_loader_;
  const bool augments_;
  const Steps steps_;
  Executor executor_;
  AlignedBuffer gradients_;
  AlignedBuffer sums_;        ///< of the gradients of a step's batches
  AlignedBuffer norm_parts_;  ///< of their norm
  AlignedBuffer averages_before_;
  std::conditional_t<has_features, std::optional<KeptOf>, int> features_{};
};

}  // namespace strata::detail
