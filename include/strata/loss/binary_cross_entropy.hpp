// BinaryCrossEntropy: the loss of independent yes-or-no answers.
#pragma once

#include <strata/loss/loss.hpp>

#include <cmath>

namespace strata {

/// The mean over the batch and the outputs of -t log p - (1 - t) log(1 - p), where t is a target from 0 to 1 and p the
/// sigmoid of the output z (PyTorch's BCEWithLogitsLoss, Keras' BinaryCrossentropy with from_logits):
///
///     max(z, 0) - z t + log(1 + exp(-|z|)),   gradient sigmoid(z) - t
///
/// Of a network that ends in Sigmoid the outputs are p themselves: say from_logits = false. p is then kept between 1e-7
/// and 1 - 1e-7, as Keras does it. A sample is right where every output is on its target's side of one half.
///
/// One output tells two classes apart: a sample is taken for class 1 where p lies above one half, else for class 0. Its
/// data has one target a sample, 1 for class 1 and 0 for class 0.
struct BinaryCrossEntropy {
  bool from_logits = true;

  static constexpr const char* name = "binary_cross_entropy";
  static constexpr bool takes_logits = false;

  void check() const {}

  STRATA_HD detail::SampleScore score(const float* y, int outputs, const detail::SampleTruth& truth, float* gradient,
                                      float scale) const {
    constexpr float least = 1e-7f;
    detail::SampleScore result;
    result.correct = true;
    const float share = 1.0f / static_cast<float>(outputs), half = from_logits ? 0.0f : 0.5f;
    result.predicted = detail::predicted_class(y, outputs, half);
    for (int c = 0; c < outputs; ++c) {
      const float t = truth.of(c), z = y[c];
      if ((z > half) != (t > 0.5f)) result.correct = false;
      float slope;
      if (from_logits) {
        const float size = z < 0 ? -z : z, e = std::exp(-size);
        result.loss += share * ((z > 0 ? z : 0) - z * t + std::log1p(e));
        slope = (z < 0 ? e : 1.0f) / (1 + e) - t;
      } else {
        const bool is_inside = z > least && z < 1 - least;
        const float p = is_inside ? z : z > 0.5f ? 1 - least : z == z ? least : z;  // NaN stays
        result.loss -= share * (t * std::log(p) + (1 - t) * std::log1p(-p));
        slope = is_inside ? (p - t) / (p * (1 - p)) : 0.0f;
      }
      if (gradient != nullptr) gradient[c] = share * scale * slope;
    }
    return result;
  }
};

}  // namespace strata
