// The cross-entropy of one sample, from logits: the measure that training lowers and evaluation reports.
#pragma once

#include <cmath>
#include <cstdint>

namespace strata::detail {

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

/// loss = sum over c of t[c] * (log sum exp(z) - z[c]), computed with the largest z subtracted, and, where `gradient`
/// is given, gradient[c] = (softmax(z)[c] * sum t - t[c]) * scale. For a label, t is one-hot.
inline SampleScore cross_entropy(const float* z, int classes, const SampleTruth& truth, float* gradient, float scale) {
  int best = 0;
  for (int c = 1; c < classes; ++c)
    if (z[c] > z[best]) best = c;
  const float top = z[best];
  float total = 0;
  for (int c = 0; c < classes; ++c) total += std::exp(z[c] - top);
  const float log_total = std::log(total);
  SampleScore score{0, best == truth.label, best};
  if (truth.targets == nullptr) {
    score.loss = log_total - (z[truth.label] - top);
    if (gradient)
      for (int c = 0; c < classes; ++c)
        gradient[c] = (std::exp(z[c] - top) / total - static_cast<float>(c == truth.label)) * scale;
  } else {
    float weight = 0;
    for (int c = 0; c < classes; ++c) {
      weight += truth.targets[c];
      // A target of zero asks nothing of its logit, not even that it be finite.
      if (truth.targets[c] != 0) score.loss += truth.targets[c] * (log_total - (z[c] - top));
    }
    if (gradient)
      for (int c = 0; c < classes; ++c)
        gradient[c] = (std::exp(z[c] - top) / total * weight - truth.targets[c]) * scale;
  }
  return score;
}

/// What sample i of a data set should be.
template <class Data>
SampleTruth truth_of(const Data& data, std::int64_t i) {
  const auto targets = data.target(i);
  return {data.label(i), targets.empty() ? nullptr : targets.data()};
}

}  // namespace strata::detail
