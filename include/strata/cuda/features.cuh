// What the frozen front of a plan makes of every sample of a data set, computed once and kept in the device's memory.
#pragma once

#include <strata/core/input.hpp>
#include <strata/cuda/cursor.hpp>
#include <strata/cuda/dataset.cuh>
#include <strata/cuda/executor.cuh>
#include <strata/cuda/runtime.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace strata::cuda {
inline namespace STRATA_SIDE {

namespace detail {

/// The input of floats that has this shape.
template <int Rank, int Height, int Width, int Channels>
struct input_of {
  using type = Input<Height, Width, Channels>;
};
template <int Height, int Width, int Channels>
struct input_of<1, Height, Width, Channels> {
  using type = Input<Channels>;
};

}  // namespace detail

/// Features of plan P as a data set: a batch of them is loaded as one of images is.
template <class P>
using FeatureData = DeviceDataset<
    typename detail::input_of<Executor<P>::features_shape.rank, Executor<P>::features_shape.height,
                              Executor<P>::features_shape.width, Executor<P>::features_shape.channels>::type>;

/// How the samples of a data set come to the frozen groups: as they are, or changed in one of some versions.
struct FeatureVersion {
  int number = -1;  ///< of the version; -1: as they are
  Augmentation augmentation{};
  philox::Key key{};
};

/// Computes the features of all samples of `data` by `executor` with the parameters in `arena`, in their order, and
/// gives those of each batch to `take(values, samples)`, which says whether to go on. False where it was not.
///
/// Batches are of one size, as those of a run are, so that a library's sums are the same: the last one begins earlier.
template <class P, class Data, class Take>
bool compute_features(Stream stream, Executor<P>& executor, typename Executor<P>::Arena arena, const Data& data,
                      const FeatureVersion& version, Take take) {
  constexpr auto values = static_cast<std::size_t>(Executor<P>::features_shape.size());
  constexpr auto stride = static_cast<std::size_t>(Executor<P>::features_stride);
  const int batch = static_cast<int>(std::min<std::int64_t>(executor.capacity(), data.size()));
  std::vector<float> features(static_cast<std::size_t>(batch) * values);
  std::vector<float> rows(static_cast<std::size_t>(batch) * stride);
  DeviceBuffer<Cursor> device_cursor(1, "the features of a data set");
  for (std::int64_t done = 0; done < data.size();) {
    const std::int64_t first = std::min(done, data.size() - batch);
    const Cursor cursor{
        .order = Permutation(0, 0, 0), .shuffles = 0, .step = 0, .place = first, .version = version.number};
    device_cursor.upload(stream, {&cursor, 1});
    const SampleRecords records = executor.records(batch);
    if (version.number >= 0) {
      executor.reads({});
      data.load_augmented(stream, batch, device_cursor.data(), version.augmentation, version.key, executor.input(batch),
                          records.index);
    } else if (!executor.reads(data.bytes(device_cursor.data(), records.index)))
      data.load(stream, batch, device_cursor.data(), executor.input(batch), records.index);
    executor.forward_to_features(stream, arena, batch);
    check(calls::cudaMemcpyAsync(rows.data(), executor.features(batch), rows.size() * sizeof(float),
                                 calls::cudaMemcpyDeviceToHost, stream),
          "cudaMemcpyAsync", "the features of a data set");
    wait_for(stream, "the features of a data set");
    const auto again = static_cast<std::size_t>(done - first);  // samples that were in the batch before
    const std::size_t fresh = static_cast<std::size_t>(batch) - again;
    for (std::size_t i = 0; i < fresh; ++i)
      std::copy_n(rows.begin() + static_cast<std::ptrdiff_t>((again + i) * stride), values,
                  features.begin() + static_cast<std::ptrdiff_t>(i * values));
    done = first + batch;
    if (!take(features.data(), fresh)) return false;
  }
  executor.reads({});
  return true;
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
