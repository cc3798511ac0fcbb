// A data set in the device's memory, as it lies in the CPU's: bytes stay bytes.
#pragma once

#include <strata/cuda/augment.cuh>
#include <strata/cuda/load.cuh>
#include <strata/cuda/loss.hpp>
#include <strata/cuda/runtime.hpp>

#include <cstdint>
#include <span>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// The samples of a network's input `In` and what they should be.
template <class In>
class DeviceDataset {
 public:
  static constexpr std::int64_t values = In::output().shape.size();  ///< of a sample

  /// Bytes of memory that a data set takes.
  static constexpr std::size_t bytes(std::size_t samples, bool holds_bytes, std::size_t targets) {
    return samples * (static_cast<std::size_t>(values) * (holds_bytes ? 1 : 4) + 4) + targets * 4;
  }

  /// Copies samples (of T, std::uint8_t or float), a label for each, and rows of targets, which may be empty; waits for
  /// the copies. Throws Error where they do not fit, before it allocates.
  template <class T>
  DeviceDataset(Stream stream, std::span<const T> samples, std::span<const std::int32_t> labels,
                std::span<const float> targets)
      : size_(static_cast<std::int64_t>(labels.size())) {
    require_memory(bytes(labels.size(), sizeof(T) == 1, targets.size()), "the data set");
    auto& to = of<T>();
    to = DeviceBuffer<T>(samples.size(), "the samples of the data set");
    labels_ = DeviceBuffer<std::int32_t>(labels.size(), "the labels of the data set");
    targets_ = DeviceBuffer<float>(targets.size(), "the targets of the data set");
    to.upload(stream, samples);
    labels_.upload(stream, labels);
    targets_.upload(stream, targets);
    wait_for(stream, "the copy of the data set");
  }

  /// Samples as floats with the labels and targets of another data set, which outlives it.
  template <class Other>
  DeviceDataset(Stream stream, std::span<const float> samples, const DeviceDataset<Other>& labelled)
      : size_(labelled.size()), truth_of_other_(labelled.truth()) {
    require_memory(samples.size_bytes(), "the features of the data set");
    floats_ = DeviceBuffer<float>(samples.size(), "the features of the data set");
    floats_.upload(stream, samples);
    wait_for(stream, "the copy of the features");
  }

  /// Other samples of floats in their place. Waits for the copy; no kernel may be reading them.
  void replace(Stream stream, std::span<const float> samples) {
    floats_.upload(stream, samples);
    wait_for(stream, "the copy of the features");
  }

  std::int64_t size() const { return size_; }
  Truth truth() const {
    if (labels_.size() == 0) return truth_of_other_;
    return {labels_.data(), targets_.size() > 0 ? targets_.data() : nullptr};
  }

  /// A batch for kernels that load it themselves; none where the data set holds floats.
  ByteBatch bytes(const Cursor* cursor, std::int64_t* index) const {
    return bytes_.size() > 0 ? byte_batch<In>(cursor, bytes_.data(), index) : ByteBatch{};
  }

  /// Queues the load of a batch.
  void load(Stream stream, int batch, const Cursor* cursor, float* input, std::int64_t* index) const {
    if (bytes_.size() > 0)
      load_batch<In>(stream, batch, cursor, bytes_.data(), input, index);
    else
      load_batch<In>(stream, batch, cursor, floats_.data(), input, index);
  }

  /// Queues the load of a batch that is changed at random.
  void load_augmented(Stream stream, int batch, const Cursor* cursor, const Augmentation& augmentation, philox::Key key,
                      float* input, std::int64_t* index) const {
    if (bytes_.size() > 0)
      augment_batch<In>(stream, batch, cursor, bytes_.data(), augmentation, key, input, index);
    else
      augment_batch<In>(stream, batch, cursor, floats_.data(), augmentation, key, input, index);
  }

 private:
  template <class T>
  DeviceBuffer<T>& of() {
    if constexpr (std::is_same_v<T, float>)
      return floats_;
    else
      return bytes_;
  }

  std::int64_t size_;
  DeviceBuffer<std::uint8_t> bytes_;
  DeviceBuffer<float> floats_;
  DeviceBuffer<std::int32_t> labels_;
  DeviceBuffer<float> targets_;
  Truth truth_of_other_{};
};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
