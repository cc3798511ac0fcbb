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

/// Computes the features of all samples of `data` by `executor` with the parameters in `arena`, in their order, and
/// calls `after_batch(done)`, which says whether to go on, behind each batch. Empty where it was not.
///
/// Batches are of one size, as those of a run are, so that a library's sums are the same: the last one begins earlier.
template <class P, class Data, class AfterBatch>
std::vector<float> features_of(Stream stream, Executor<P>& executor, typename Executor<P>::Arena arena,
                               const Data& data, AfterBatch after_batch) {
  constexpr auto values = static_cast<std::size_t>(Executor<P>::features_shape.size());
  constexpr auto stride = static_cast<std::size_t>(Executor<P>::features_stride);
  const int batch = static_cast<int>(std::min<std::int64_t>(executor.capacity(), data.size()));
  std::vector<float> features(static_cast<std::size_t>(data.size()) * values);
  std::vector<float> rows(static_cast<std::size_t>(batch) * stride);
  DeviceBuffer<Cursor> device_cursor(1, "the features of a data set");
  for (std::int64_t done = 0; done < data.size();) {
    const std::int64_t first = std::min(done, data.size() - batch);
    const Cursor cursor{.order = Permutation(0, 0, 0), .shuffles = 0, .step = 0, .place = first};
    device_cursor.upload(stream, {&cursor, 1});
    const SampleRecords records = executor.records(batch);
    if (!executor.reads(data.bytes(device_cursor.data(), records.index)))
      data.load(stream, batch, device_cursor.data(), executor.input(batch), records.index);
    executor.forward_to_features(stream, arena, batch);
    check(calls::cudaMemcpyAsync(rows.data(), executor.features(batch), rows.size() * sizeof(float),
                                 calls::cudaMemcpyDeviceToHost, stream),
          "cudaMemcpyAsync", "the features of a data set");
    wait_for(stream, "the features of a data set");
    for (std::size_t i = 0; i < static_cast<std::size_t>(batch); ++i)
      std::copy_n(rows.begin() + static_cast<std::ptrdiff_t>(i * stride), values,
                  features.begin() + static_cast<std::ptrdiff_t>((static_cast<std::size_t>(first) + i) * values));
    done = first + batch;
    if (!after_batch(done)) return {};
  }
  executor.reads({});
  return features;
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
