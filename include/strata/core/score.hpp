// How one sample is judged: what it should be, and what a loss says of it.
#pragma once

#include <strata/core/config.hpp>

#include <cstdint>

namespace strata {
namespace detail {

/// A sample's loss and whether it is taken for what it is.
struct SampleScore {
  float loss = 0;
  bool correct = false;
  std::int32_t predicted = 0;  ///< the class that it is taken for
};

/// The classes that so many outputs tell apart: one output says yes or no.
constexpr int class_count(int outputs) { return outputs == 1 ? 2 : outputs; }

/// What a sample should be: a label, or targets for each output.
struct SampleTruth {
  std::int32_t label = 0;          ///< with targets the class that they say
  const float* targets = nullptr;  ///< null where there is a label

  /// The target of a class: of a label, one-hot.
  STRATA_HD float of(int c) const { return targets != nullptr ? targets[c] : c == label ? 1.0f : 0.0f; }
};

/// What sample i of a data set should be.
template <class Data>
SampleTruth truth_of(const Data& data, std::int64_t i) {
  const auto targets = data.target(i);
  return {data.label(i), targets.empty() ? nullptr : targets.data()};
}

/// The place of the largest of n values, the first of several; NaN is passed over.
STRATA_HD inline std::int32_t largest_place(const float* x, int n) {
  std::int32_t place = 0;
  for (int i = 1; i < n; ++i)
    if (x[i] > x[place] || !(x[place] == x[place])) place = i;
  return place;
}

/// The class that n outputs say: the place of the largest; of one output class 1 where it lies above `half`, else 0.
STRATA_HD inline std::int32_t predicted_class(const float* x, int n, float half) {
  return n == 1 ? static_cast<std::int32_t>(x[0] > half) : largest_place(x, n);
}

}  // namespace detail
}  // namespace strata
