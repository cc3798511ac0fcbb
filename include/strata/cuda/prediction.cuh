// Predictions of samples that come from the CPU's memory, and go back there.
//
//     copy to the GPU, [load the batch, forward], copy back
//
// What stands in brackets is recorded once for a single sample and once for a full batch; batches between them are
// launched kernel by kernel.
#pragma once

#include <strata/cuda/dataset.cuh>
#include <strata/cuda/executor.cuh>
#include <strata/cuda/recorded_steps.hpp>
#include <strata/cuda/runtime.hpp>

#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// What it takes to run P, a plan of prediction, on batches of up to `capacity` samples.
template <class P>
class Prediction {
 public:
  static constexpr auto values = static_cast<std::size_t>(P::network::input_shape.size());  ///< of a sample
  static constexpr auto outputs = static_cast<std::size_t>(P::result_shape.size());         ///< of a sample

  /// Bytes of the GPU's memory that it takes.
  static constexpr std::size_t bytes(int capacity) {
    return Executor<P>::bytes(capacity) + static_cast<std::size_t>(capacity) * values * sizeof(float) + sizeof(Cursor);
  }

  /// Work with the parameters in `arena`, in the device's memory, in the order of the stream. Both outlive it.
  Prediction(Stream stream, const float* arena, int capacity, const Launches& launches = {})
      : stream_(stream),
        arena_(arena),
        samples_(static_cast<std::size_t>(capacity) * values, "the samples of a prediction"),
        cursor_(1, "the state of a prediction"),
        results_(static_cast<std::size_t>(capacity * Executor<P>::result_stride)),
        executor_(stream, capacity),
        of_bytes_(launches),
        of_floats_(launches) {
    cursor_.upload(stream_, {&start, 1});
    wait_for(stream_, "the beginning of predictions");
  }

  int capacity() const { return executor_.capacity(); }

  /// Writes the outputs of samples of T (std::uint8_t or float), at most `capacity` of them, one behind the other, and
  /// waits for them.
  template <class T>
  void run(std::span<const T> samples, float* to) {
    const int batch = static_cast<int>(samples.size() / values);
    check(calls::cudaMemcpyAsync(samples_.data(), samples.data(), samples.size_bytes(), calls::cudaMemcpyHostToDevice,
                                 stream_),
          "cudaMemcpyAsync", "a copy of samples to the GPU");
    executor_.prepare(batch);
    const auto step = [&] { this->step<T>(batch); };
    if (batch == 1 || batch == capacity())
      (std::is_same_v<T, float> ? of_floats_ : of_bytes_).run(stream_, 1, batch, purpose, step);
    else
      step();
    const auto used = static_cast<std::size_t>(batch * Executor<P>::result_stride);
    check(calls::cudaMemcpyAsync(results_.data(), executor_.result(batch), used * sizeof(float),
                                 calls::cudaMemcpyDeviceToHost, stream_),
          "cudaMemcpyAsync", "a copy of outputs from the GPU");
    wait_for(stream_, purpose);
    for (int i = 0; i < batch; ++i)
      std::memcpy(to + static_cast<std::size_t>(i) * outputs, results_.data() + i * Executor<P>::result_stride,
                  outputs * sizeof(float));
  }

 private:
  static constexpr const char* purpose = "a prediction";

  /// The samples lie as they are taken.
  static inline const Cursor start{.order = Permutation(0, 0, 0), .shuffles = 0, .step = 0, .place = 0};

  /// Queues the work of a batch.
  template <class T>
  void step(int batch) {
    using In = typename P::network::input;
    const T* const samples = reinterpret_cast<const T*>(samples_.data());
    std::int64_t* const index = executor_.records(batch).index;
    ByteBatch bytes{};
    if constexpr (!std::is_same_v<T, float>) bytes = byte_batch<In>(cursor_.data(), samples, index);
    if (!executor_.reads(bytes)) load_batch<In>(stream_, batch, cursor_.data(), samples, executor_.input(batch), index);
    executor_.forward(stream_, arena_, batch, {}, &cursor_.data()->step);
  }

  Stream stream_;
  const float* arena_;
  DeviceBuffer<float> samples_;  ///< or bytes
  DeviceBuffer<Cursor> cursor_;
  std::vector<float> results_;
  Executor<P> executor_;
  RecordedSteps of_bytes_, of_floats_;
};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
