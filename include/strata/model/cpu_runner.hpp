// Predictions and evaluations on the CPU.
#pragma once

#include <strata/core/buffer.hpp>
#include <strata/core/storage.hpp>
#include <strata/cpu/executor.hpp>
#include <strata/data/loader.hpp>
#include <strata/loss/loss.hpp>
#include <strata/model/evaluation.hpp>
#include <strata/model/runner.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

namespace strata::detail {

/// An Executor with room for the batch at hand, kept until a larger one is wanted.
template <class Executor>
class Workspace {
 public:
  Executor& of(cpu::Pool& pool, int batch, const float* packed = nullptr) {
    if (!executor_ || executor_->capacity() < batch) {
      executor_.reset();
      executor_ = Owned<Executor>(new Executor(pool, batch, packed));
    }
    return *executor_;
  }

 private:
  Owned<Executor> executor_;
};

template <class Net, Convolution C, Isa I>
class Runner<Net, Cpu<C, I>> {
 public:
  using Backend = Cpu<C, I>;
  using PredictionExecutor = cpu::Executor<Plan<Net, Mode::inference, Backend>>;
  using EvaluationExecutor = cpu::Executor<Plan<Net, Mode::inference, Backend, LossOnLogits>>;

  explicit Runner(Threads t) : pool_(new cpu::Pool(t.count)) {}

  /// The threads that run it.
  cpu::Pool& pool() { return *pool_; }

  /// The arena, and beside it what its kernels have packed, where there is such.
  struct Weights {
    const float* arena;
    const float* packed = nullptr;
  };
  Weights weights(const float* arena, std::uint64_t /*changes*/) const { return {arena}; }

  struct Prepared {
    const float* arena;
    Weights weights;
    Storage storage;
  };
  [[gnu::cold]] static Prepared prepare(AlignedBuffer arena) {
    struct Buffers {
      AlignedBuffer arena;
      AlignedBuffer packed{static_cast<std::size_t>(PredictionExecutor::packed_floats) * sizeof(float)};
    };
    Buffers buffers{std::move(arena)};
    const float* floats = buffers.arena.floats();
    float* packed = buffers.packed.floats();
    if constexpr (PredictionExecutor::packed_floats > 0) {
      cpu::Pool pool;
      PredictionExecutor::pack(pool, floats, packed);
    }
    return {floats, {floats, packed}, Storage::holding(std::move(buffers))};
  }

  /// What runs batches of a size.
  PredictionExecutor& prediction(const Weights& weights, int batch) {
    return prediction_.of(*pool_, batch, weights.packed);  // a runner's weights stay packed, or not
  }

  void reserve(const Weights& weights) { prediction(weights, 1); }

  void predict(const Weights& weights, const Dataset& data, float* to) {
    constexpr std::int64_t width = Net::output.size();
    const int batch = prediction_batch(PredictionExecutor::bytes_per_sample, data.size());
    PredictionExecutor& executor = prediction(weights, batch);
    for (std::int64_t first = 0; first < data.size(); first += batch) {
      const int n = run(executor, weights.arena, data, first, batch);
      for (int i = 0; i < n; ++i)
        std::memcpy(to + (first + i) * width, executor.result(n) + i * executor.result_stride,
                    static_cast<std::size_t>(width) * sizeof(float));
    }
  }

  /// With `features`, it takes these for what the frozen layers make of the data: sample i at i * features_stride.
  template <class Loss>
  Evaluation evaluate(const Weights& weights, const Dataset& data, const Loss& loss_of,
                      const float* features = nullptr) {
    using Executor = std::conditional_t<Loss::takes_logits, EvaluationExecutor, PredictionExecutor>;
    constexpr int outputs = Net::output.channels;
    Evaluation result(data.size(), class_count(outputs));
    const int batch = prediction_batch(Executor::bytes_per_sample, data.size());
    Executor& executor = [&]() -> Executor& {
      if constexpr (Loss::takes_logits)
        return evaluation_.of(*pool_, batch);
      else
        return prediction(weights, batch);
    }();
    double loss = 0;
    std::int64_t right = 0;
    for (std::int64_t first = 0; first < data.size(); first += batch) {
      const int n = features == nullptr ? run(executor, weights.arena, data, first, batch)
                                        : run_from(features, executor, weights.arena, data, first, batch);
      for (int i = 0; i < n; ++i) {
        const SampleTruth truth = truth_of(data, first + i);
        const SampleScore score =
            loss_of.score(executor.result(n) + i * executor.result_stride, outputs, truth, nullptr, 0);
        loss += static_cast<double>(score.loss);
        right += score.correct;
        result.confusion.add(truth.label, score.predicted);
      }
    }
    result.set_sums(loss, right);
    return result;
  }

 private:
  /// Forward of the samples from `first` on, at most `batch` of them; returns how many.
  template <class Executor>
  int run(Executor& executor, const float* arena, const Dataset& data, std::int64_t first, int batch) {
    static const Loader<typename Net::input> loader;
    const int n = static_cast<int>(std::min<std::int64_t>(batch, data.size() - first));
    float* input = executor.input(n);
    if (n == 1)  // the pool's threads are better left asleep
      loader.load(data.image(first), input);
    else
      pool_->run(n, [&](int i, int) { loader.load(data.image(first + i), input + i * executor.input_stride); });
    executor.forward(arena, n, {}, 0);
    return n;
  }

  /// The same from features that are there already.
  template <class Executor>
  static int run_from(const float* features, Executor& executor, const float* arena, const Dataset& data,
                      std::int64_t first, int batch) {
    constexpr std::int64_t stride = Executor::features_stride;
    const int n = static_cast<int>(std::min<std::int64_t>(batch, data.size() - first));
    std::memcpy(executor.features(n), features + first * stride, static_cast<std::size_t>(n * stride) * sizeof(float));
    executor.forward_from_features(arena, n, {}, 0);
    return n;
  }

  Owned<cpu::Pool> pool_;
  Workspace<PredictionExecutor> prediction_;
  Workspace<EvaluationExecutor> evaluation_;
};

}  // namespace strata::detail
