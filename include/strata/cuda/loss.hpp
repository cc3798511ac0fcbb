// What the loss of a batch is computed from, and where it goes.
#pragma once

#include <strata/cuda/cursor.hpp>

#include <cstdint>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// What the samples of a data set should be, in the device's memory.
struct Truth {
  const std::int32_t* labels;  ///< one a sample; with targets what Dataset::label says of them
  const float* targets;        ///< a row of classes a sample, or null
};

/// A batch's samples, whose numbers the records hold, and where their scores go.
struct LossArgs {
  SampleRecords records;
  Truth truth;
  unsigned* not_finite;  ///< losses that are no finite numbers are added
};

/// Cross-entropy without smoothing: the loss of evaluations and training runs that are given no other.
struct PlainCrossEntropy {
  static constexpr bool takes_logits = true;
  constexpr float smoothing() const { return 0; }
};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
