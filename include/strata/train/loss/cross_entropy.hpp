// CrossEntropy: the loss of classification.
#pragma once

#include <strata/model/cross_entropy.hpp>

namespace strata {

/// The mean over the batch of -sum over c of t[c] log softmax(z)[c], for integer labels (Keras' sparse categorical
/// cross-entropy) and for one-hot or probability targets (categorical cross-entropy); the data set says which.
///
/// It takes logits: of a network that ends in Softmax it reads the values in front of it, so softmax and loss are one
/// pass and never overflow; the outputs of another network are taken for logits.
struct CrossEntropy {
  static constexpr const char* name = "cross_entropy";
  static constexpr bool takes_logits = true;

  /// One sample: its loss, and the gradient of scale * loss.
  STRATA_INLINE static detail::SampleScore score(const float* logits, int classes, const detail::SampleTruth& truth,
                                                 float* gradient, float scale) {
    return cpu::cross_entropy(logits, classes, truth, gradient, scale);
  }
};

}  // namespace strata
