// Training on the CPU.
#pragma once

#include <strata/core/permutation.hpp>
#include <strata/cpu/executor.hpp>
#include <strata/cpu/optimize.hpp>
#include <strata/data/loader.hpp>
#include <strata/model/evaluate.hpp>
#include <strata/model/model.hpp>
#include <strata/train/trainer.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

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
          const Optimizer& optimizer, const FitOptions& options)
      : model_(model),
        train_(train_set),
        validation_(validation_set),
        optimizer_(optimizer),
        options_(options),
        steps_(train_set, options),
        executor_(model.pool(), steps_.batch),
        gradients_(Net::parameters.trainable_bytes()),
        averages_before_(averages_bytes) {}

  template <class AfterStep>
  EpochRecord epoch(AfterStep after_step) {
    TrainingState& state = model_.training();
    const std::int64_t number = state.epochs + 1;
    const Permutation order(static_cast<std::uint64_t>(train_.size()), model_.seed().value,
                            static_cast<std::uint64_t>(state.epochs));
    const double begin = seconds_now();
    EpochRecord record;
    double loss = 0;
    std::int64_t right = 0;
    for (std::int64_t step = 0; step < steps_.count; ++step) {
      const std::int64_t first = step * steps_.batch;
      const int n = static_cast<int>(std::min<std::int64_t>(steps_.batch, train_.size() - first));
      const double step_loss = run_step(order, first, n, state, right);
      if (!std::isfinite(step_loss)) throw TrainingDiverged(number, step + 1, step_loss / n, optimizer_.learning_rate);
      loss += step_loss;
      record = epoch_record(number, loss, right, first + n, seconds_now() - begin);
      after_step(step + 1, record);
      if (stop_asked(options_) && step + 1 < steps_.count) {
        record.complete = false;
        return record;
      }
    }
    ++state.epochs;
    return record;
  }

  Evaluation validate() { return evaluate(model_, validation_); }
  void finish() {}

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
  const Dataset& validation_;
  const Optimizer& optimizer_;
  const FitOptions& options_;
  const Loader<typename Net::input> loader_;
  const Steps steps_;
  Executor executor_;
  AlignedBuffer gradients_;
  AlignedBuffer averages_before_;
};

}  // namespace strata::detail
