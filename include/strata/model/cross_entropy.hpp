// The cross-entropy of one sample, from logits: the measure that training lowers and evaluation reports.
#pragma once

#include <strata/cpu/exponentials.hpp>

#include <cmath>
#include <cstdint>
#include <limits>

namespace strata {
namespace detail {

/// A sample's loss and whether its largest logit is the right one.
struct SampleScore {
  float loss = 0;
  bool correct = false;
  std::int32_t predicted = 0;
};

/// What a sample should be: a label, or targets for each class.
struct SampleTruth {
  std::int32_t label = 0;
  const float* targets = nullptr;  ///< null where there is a label
};

/// What sample i of a data set should be.
template <class Data>
SampleTruth truth_of(const Data& data, std::int64_t i) {
  const auto targets = data.target(i);
  return {data.label(i), targets.empty() ? nullptr : targets.data()};
}

}  // namespace detail

namespace cpu {
inline namespace STRATA_ISA {

/// The place of `value` among n, the first of several; 0 where it is not among them.
STRATA_INLINE inline std::int32_t first_place_of(float value, const float* x, int n) {
#if defined(__CUDA_ARCH__)  // while nvcc compiles for the device, vectors in shared text would be errors
  return 0;
#else
  const VI nowhere = VI{} + std::numeric_limits<std::int32_t>::max();
  VI first = nowhere;
  for_row(n, [&](int c, auto read, auto) STRATA_INLINE {
    const V v = read(x + c, std::numeric_limits<float>::quiet_NaN());
    const VI place = select(v == V{} + value, lane_numbers() + c, nowhere);
    first = select(place < first, place, first);
  });
  const std::int32_t place =
      fold_lanes(first, [](const VI& a, const VI& b) STRATA_INLINE { return select(a < b, a, b); });
  return place == nowhere[0] ? 0 : place;
#endif
}

/// loss = sum over c of t[c] * (log sum exp(z) - z[c]), computed with the largest z subtracted, and, where `gradient`
/// is given, gradient[c] = (softmax(z)[c] * sum t - t[c]) * scale. For a label, t is one-hot.
STRATA_INLINE inline strata::detail::SampleScore cross_entropy(const float* z, int classes,
                                                               const strata::detail::SampleTruth& truth,
                                                               float* gradient, float scale) {
  strata::detail::SampleScore score;
#if !defined(__CUDA_ARCH__)
  const float top = largest_of(z, classes);
  const float total = sum_of_exponentials(z, classes, top, gradient);
  const float log_total = std::log(total);
  score.predicted = first_place_of(top, z, classes);
  score.correct = score.predicted == truth.label;

  float weight = 1;
  if (truth.targets == nullptr) {
    score.loss = log_total - (z[truth.label] - top);
  } else {
    V loss{}, weights{};
    for_row(classes, [&](int c, auto read, auto) STRATA_INLINE {
      const V t = read(truth.targets + c, 0);
      weights += t;
      // A target of zero asks nothing of its logit, not even that it be finite.
      loss += select(t != V{}, t * (log_total - (read(z + c, 0) - top)), V{});
    });
    auto add = [](const V& a, const V& b) STRATA_INLINE { return a + b; };
    weight = fold_lanes(weights, add);
    score.loss = fold_lanes(loss, add);
  }
  if (gradient)
    for_row(classes, [&](int c, auto read, auto write) STRATA_INLINE {
      const V t =
          truth.targets ? V(read(truth.targets + c, 0)) : select(lane_numbers() == truth.label - c, V{} + 1.0f, V{});
      write(gradient + c, (read(gradient + c, 0) / total * weight - t) * scale);
    });
#endif
  return score;
}

}  // namespace STRATA_ISA
}  // namespace cpu
}  // namespace strata
