// KLDivergence: how far a network's distribution is from a given one.
#pragma once

#include <strata/core/math.hpp>
#include <strata/loss/loss.hpp>

#include <cmath>

namespace strata {

/// The mean over the batch of sum over c of t[c] (log t[c] - log softmax(z)[c]), where 0 log 0 = 0 (PyTorch's KLDivLoss
/// with "batchmean", Keras' KLDivergence). For a label, or one-hot targets, it is the cross-entropy; for others it is
/// that less the entropy of the targets, with the same gradient. It takes logits, as CrossEntropy does.
struct KLDivergence {
  static constexpr const char* name = "kl_divergence";
  static constexpr bool takes_logits = true;

  void check() const {}

  STRATA_HD detail::SampleScore score(const float* z, int classes, const detail::SampleTruth& truth, float* gradient,
                                      float scale) const {
    detail::SampleScore result;
    result.predicted = detail::largest_place(z, classes);
    result.correct = result.predicted == truth.label;
    const float top = z[result.predicted];
    float total = 0;
    for (int c = 0; c < classes; ++c) total += std::exp(z[c] - top);
    const float log_total = std::log(total);
    float weight = 0;
    for (int c = 0; c < classes; ++c) {
      const float t = truth.of(c);
      weight += t;
      if (t > 0) result.loss += t * (std::log(t) + log_total - (z[c] - top));
    }
    if (gradient != nullptr)
      for (int c = 0; c < classes; ++c) gradient[c] = (std::exp(z[c] - top) / total * weight - truth.of(c)) * scale;
    return result;
  }
};

}  // namespace strata
