// How well a network does on a data set in the device's memory.
//
//     load the batch, forward, loss, count, advance
//
// in the order of the data, many steps to a launch, as in training.cuh. The CPU reads sums and counts at the end.
#pragma once

#include <strata/cuda/advance.cuh>
#include <strata/cuda/confusion.cuh>
#include <strata/cuda/dataset.cuh>
#include <strata/cuda/executor.cuh>
#include <strata/cuda/features.cuh>
#include <strata/cuda/recorded_steps.hpp>
#include <strata/cuda/runtime.hpp>
#include <strata/cuda/score.cuh>

#include <algorithm>
#include <cstdint>
#include <span>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// What it takes to run P, a plan of prediction that ends in what the loss takes, over one data set, again and again.
template <class P, class Loss = PlainCrossEntropy>
class Evaluation {
 public:
  using Plan = P;
  using Data = DeviceDataset<typename P::network::input>;
  static constexpr int outputs = P::result_shape.channels;
  static constexpr int classes = strata::detail::class_count(outputs);

  /// Bytes of the GPU's memory that it takes, apart from the data set.
  static constexpr std::size_t bytes(int batch) {
    return Executor<P>::bytes(batch) + sizeof(Control) + sizeof(unsigned) * classes * classes;
  }

  /// Work on `data` with the parameters in `arena`, both in the device's memory, in the order of the stream. All three
  /// outlive it.
  Evaluation(Stream stream, const Data& data, const float* arena, int batch, const Launches& launches = {},
             const Loss& loss = {})
      : stream_(stream),
        data_(data),
        arena_(arena),
        batch_(static_cast<int>(std::min<std::int64_t>(batch, data.size()))),
        device_control_(1, "the state of an evaluation"),
        counts_(std::size_t{classes} * classes, "the counts of an evaluation"),
        executor_(stream, batch_),
        steps_(launches),
        loss_(loss) {}

  /// From now on batches are these features of the data set: see Training.
  void use_features(const FeatureData<P>& features) { features_ = &features; }

  /// Runs all samples and waits. Losses that are no finite numbers make the sum none. Fills confusion, of
  /// classes * classes numbers: row the label, column the prediction.
  Tally run(std::span<unsigned> confusion) {
    control_ = {};
    device_control_.upload(stream_, {&control_, 1});
    counts_.zero(stream_);
    run(data_.size() / batch_, batch_);
    if (const int last = static_cast<int>(data_.size() % batch_); last > 0) run(1, last);
    counts_.download(stream_, confusion);
    device_control_.download(stream_, {&control_, 1});
    wait_for(stream_, purpose);
    return control_.tally;
  }

 private:
  static constexpr const char* purpose = "a step of evaluation";

  struct Control {
    Cursor cursor{.order = Permutation(0, 0, 0), .shuffles = 0, .step = 0, .place = 0};
    Tally tally{};
    std::uint32_t not_finite = 0;  ///< counted, and no reason to stop
  };

  void run(std::int64_t count, int batch) {
    executor_.prepare(batch);
    steps_.run(stream_, count, batch, purpose, [&] { step(batch); });
  }

  /// Queues the load of a batch, or of its features, and the network on it.
  void forward(int batch, const SampleRecords& records) {
    Control* const c = device_control_.data();
    if constexpr (P::frozen_groups > 0) {
      if (features_ != nullptr) {
        features_->load(stream_, batch, &c->cursor, executor_.features(batch), records.index);
        return executor_.forward_from_features(stream_, arena_, batch, {}, &c->cursor.step);
      }
    }
    if (!executor_.reads(data_.bytes(&c->cursor, records.index)))
      data_.load(stream_, batch, &c->cursor, executor_.input(batch), records.index);
    executor_.forward(stream_, arena_, batch, {}, &c->cursor.step);
  }

  /// Queues one step.
  void step(int batch) {
    Control* const c = device_control_.data();
    const SampleRecords records = executor_.records(batch);
    forward(batch, records);
    score<outputs, static_cast<int>(Executor<P>::result_stride)>(stream_, batch, executor_.result(batch), nullptr,
                                                                 {records, data_.truth(), &c->not_finite}, loss_);
    count_confusion(stream_, batch, records, data_.truth().labels, classes, counts_.data());
    advance(stream_, batch, Advance<>{.cursor = &c->cursor, .tally = &c->tally}, records);
  }

  Stream stream_;
  const Data& data_;
  const float* arena_;
  int batch_;
  Control control_{};  ///< the CPU's side of the next
  DeviceBuffer<Control> device_control_;
  DeviceBuffer<unsigned> counts_;
  Executor<P> executor_;
  const FeatureData<P>* features_ = nullptr;
  RecordedSteps steps_;
  Loss loss_;
};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
