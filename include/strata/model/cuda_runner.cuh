// Predictions and evaluations on a GPU.
#pragma once

#include <strata/core/buffer.hpp>
#include <strata/core/storage.hpp>
#include <strata/cuda/available.cuh>
#include <strata/cuda/backend.cuh>
#include <strata/cuda/evaluation.cuh>
#include <strata/cuda/prediction.cuh>
#include <strata/data/dataset.hpp>
#include <strata/model/evaluation.hpp>
#include <strata/model/runner.hpp>
#include <strata/plan/network.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace strata::detail {

/// A data set of a network's in the GPU's memory.
template <class Net>
cuda::DeviceDataset<typename Net::input> copy_to_device(cuda::Stream stream, const Dataset& data) {
  std::vector<std::int32_t> said;  // by each row of targets
  std::span<const std::int32_t> labels = data.labels();
  if (labels.empty()) {
    for (std::int64_t i = 0; i < data.size(); ++i) said.push_back(data.label(i));
    labels = said;
  }
  if (data.holds_bytes()) return {stream, data.bytes(), labels, data.targets()};
  return {stream, data.floats(), labels, data.targets()};
}

/// Bytes of the GPU's memory that it takes.
template <class Net>
std::size_t bytes_on_device(const Dataset& data) {
  return cuda::DeviceDataset<typename Net::input>::bytes(static_cast<std::size_t>(data.size()), data.holds_bytes(),
                                                         data.targets().size());
}

/// What an evaluation on the GPU counted, added to `result`; returns the losses' sum.
template <class Evaluator>
double run_evaluation(Evaluator& evaluator, Evaluation& result, std::int64_t& right) {
  std::vector<unsigned> confusion(result.confusion.counts.size());
  const cuda::Tally tally = evaluator.run(confusion);
  for (std::size_t i = 0; i < confusion.size(); ++i) result.confusion.counts[i] += confusion[i];
  right += tally.correct;
  return tally.loss;
}

template <class Net, Precision P>
class Runner<Net, Cuda<P>> {
 public:
  using PredictionPlan = Plan<Net, Mode::inference, Cuda<P>>;

  /// What judges a data set by a loss.
  template <class Loss>
  using Evaluator = cuda::Evaluation<
      Plan<Net, Mode::inference, Cuda<P>, std::conditional_t<Loss::takes_logits, LossOnLogits, NoLoss>>, Loss>;

  explicit Runner(Threads) : stream_(working_stream()) {}

  /// The arena, in the GPU's memory.
  struct Weights {
    const float* arena;
  };
  Weights weights(const float* arena, std::uint64_t changes) {
    if (changes != seen_) {
      if (arena_.size() == 0) arena_ = device_arena(stream_);
      upload(stream_, arena, arena_);
      seen_ = changes;
    }
    return {arena_.data()};
  }

  struct Prepared {
    const float* arena;
    Weights weights;
    Storage storage;
  };
  static Prepared prepare(AlignedBuffer arena) {
    struct Buffers {
      AlignedBuffer arena;
      cuda::DeviceBuffer<float> device;
    };
    const cuda::OwnedStream stream = working_stream();
    Buffers buffers{std::move(arena), device_arena(stream)};
    const float* floats = buffers.arena.floats();
    upload(stream, floats, buffers.device);
    const Weights weights{buffers.device.data()};
    return {floats, weights, Storage::holding(std::move(buffers))};
  }

  void reserve(const Weights& weights) { prediction(weights, 1); }

  void predict(const Weights& weights, const Dataset& data, float* to) {
    constexpr std::int64_t width = Net::output.size();
    const int batch = batch_of<PredictionPlan>(data.size());
    cuda::Prediction<PredictionPlan>& run = prediction(weights, batch);
    for (std::int64_t first = 0; first < data.size(); first += batch) {
      const auto count = static_cast<std::size_t>(std::min<std::int64_t>(batch, data.size() - first)) * run.values;
      const auto begin = static_cast<std::size_t>(first) * run.values;
      if (data.holds_bytes())
        run.run(data.bytes().subspan(begin, count), to + first * width);
      else
        run.run(data.floats().subspan(begin, count), to + first * width);
    }
  }

  /// Parts of the data go to the GPU one after another, of a size that leaves half of the free memory to others.
  template <class Loss>
  Evaluation evaluate(const Weights& weights, const Dataset& data, const Loss& loss_of) {
    Evaluation result(data.size(), class_count(Net::output.channels));
    const int batch = batch_of<typename Evaluator<Loss>::Plan>(data.size());
    const std::size_t of_run = Evaluator<Loss>::bytes(batch);
    const std::size_t of_sample = bytes_on_device<Net>(data.take(1));
    cuda::require_memory(of_run + of_sample, joined({"an evaluation with a batch of ", batch}));
    const std::size_t room = std::max(of_sample, (cuda::device_memory().free - of_run) / 2);
    const auto part = static_cast<std::int64_t>(std::min(room / of_sample, static_cast<std::size_t>(data.size())));
    double loss = 0;
    std::int64_t right = 0;
    for (std::int64_t first = 0; first < data.size(); first += part) {
      const auto on_device =
          copy_to_device<Net>(stream_, data.slice(first, std::min<std::int64_t>(part, data.size() - first)));
      Evaluator<Loss> run(stream_, on_device, weights.arena, batch, {}, loss_of);
      loss += run_evaluation(run, result, right);
    }
    result.set_sums(loss, right);
    return result;
  }

  /// Samples of a launch.
  template <class Plan>
  static int batch_of(std::int64_t samples) {
    return prediction_batch(Plan::memory.per_sample, samples);
  }

 private:
  static cuda::OwnedStream working_stream() {
    cuda::require_device();
    return {};
  }

  static cuda::DeviceBuffer<float> device_arena(cuda::Stream stream) {
    cuda::DeviceBuffer<float> arena(Net::parameters.arena_bytes() / sizeof(float), "the parameters");
    arena.zero(stream);
    return arena;
  }

  static void upload(cuda::Stream stream, const float* from, cuda::DeviceBuffer<float>& to) {
    to.upload(stream, {from, static_cast<std::size_t>(Net::parameters.floats)});
    cuda::wait_for(stream, "the copy of the parameters to the GPU");
  }

  /// A runner's weights are always at one place.
  cuda::Prediction<PredictionPlan>& prediction(const Weights& weights, int batch) {
    if (!prediction_ || prediction_->capacity() < batch) {
      prediction_.reset();
      cuda::require_memory(cuda::Prediction<PredictionPlan>::bytes(batch),
                           joined({"predicting with a batch of ", batch}));
      prediction_ =
          Owned<cuda::Prediction<PredictionPlan>>(new cuda::Prediction<PredictionPlan>(stream_, weights.arena, batch));
    }
    return *prediction_;
  }

  cuda::OwnedStream stream_;
  cuda::DeviceBuffer<float> arena_;
  std::uint64_t seen_ = 0;
  Owned<cuda::Prediction<PredictionPlan>> prediction_;
};

}  // namespace strata::detail
