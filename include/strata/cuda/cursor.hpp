// Where training stands, in the device's memory: a recorded step, launched again, takes the next batch.
//
// The CPU writes this at the beginning of an epoch and reads it at its end. In between the kernels alone move it on.
#pragma once

#include <strata/core/permutation.hpp>
#include <strata/cuda/side.hpp>

#include <cstddef>
#include <cstdint>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// The batch at hand.
struct Cursor {
  Permutation order;          ///< of the epoch's samples
  std::uint32_t shuffles;     ///< 0: they come as they lie
  std::uint32_t step;         ///< batches since training began: what random numbers depend on
  std::int64_t place;         ///< of the batch's first sample in the order
  std::int32_t version = -1;  ///< of the images: Augmentation::version_of

  /// The number of the batch's i-th sample in the data set.
  STRATA_HD std::int64_t item(unsigned i) const {
    const auto at = static_cast<std::uint64_t>(place) + i;
    return static_cast<std::int64_t>(shuffles != 0 ? order(at) : at);
  }
};

/// The sums of the epoch so far.
struct Tally {
  double loss = 0;  ///< of all samples
  std::int64_t correct = 0, samples = 0, steps = 0;

  /// Losses that were no finite numbers. From the first one on no step changes parameters, cursor or sums any more.
  std::uint32_t not_finite = 0;
  std::uint32_t stopped = 0;  ///< 1 behind the step that had them
  double stopped_loss = 0;    ///< of that step's samples
};

/// What a step knows of each sample of its batch: arrays in the plan's 64 bytes a sample.
struct SampleRecords {
  std::int64_t* index;      ///< in the data set
  float* loss;              ///< its cross-entropy
  std::int32_t* predicted;  ///< the class of its largest logit
  std::int32_t* correct;    ///< 1 where that is the right one

  SampleRecords(std::byte* samples, int batch)
      : index(reinterpret_cast<std::int64_t*>(samples)),
        loss(reinterpret_cast<float*>(samples + std::int64_t{16} * batch)),
        predicted(reinterpret_cast<std::int32_t*>(samples + std::int64_t{32} * batch)),
        correct(reinterpret_cast<std::int32_t*>(samples + std::int64_t{48} * batch)) {}
};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
