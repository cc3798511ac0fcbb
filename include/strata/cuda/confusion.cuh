// Which classes are taken for which: counts of the pairs (label, prediction) of a batch.
//
// A thread takes a sample and adds one to a whole number that others add to as well; whole numbers do not mind the
// order. 8 bytes read a sample, and 4 changed.
#pragma once

#include <strata/cuda/cursor.hpp>
#include <strata/cuda/launch.hpp>
#include <strata/cuda/primitives.hpp>

#include <cstdint>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// The policy: a thread for each sample.
struct ConfusionSpec {
  static constexpr unsigned threads = 128;
};

template <class S>
__global__ void __launch_bounds__(S::threads)
    confusion_kernel(SampleRecords records, const std::int32_t* __restrict__ labels, unsigned batch, int classes,
                     unsigned* counts) {
  const unsigned i = block_index().x * S::threads + thread_index().x;
  if (i >= batch) return;
  const std::int64_t row = labels[records.index[i]];
  atomic_add(counts + row * classes + records.predicted[i], 1u);
}

/// Counts the samples of a batch: counts[label * classes + prediction].
inline void count_confusion(Stream stream, int batch, const SampleRecords& records, const std::int32_t* labels,
                            int classes, unsigned* counts) {
  using S = ConfusionSpec;
  const auto n = static_cast<unsigned>(batch);
  launch<confusion_kernel<S>>({.grid = {(n + S::threads - 1) / S::threads}, .block = {S::threads}, .stream = stream},
                              records, labels, n, classes, counts);
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
