// MeanSquaredError: the loss of regression.
#pragma once

#include <strata/loss/loss.hpp>

namespace strata {

/// The mean over the batch and the outputs of (y - t)^2 (Keras' MeanSquaredError, PyTorch's MSELoss). It takes the
/// network's outputs as they are, behind a Softmax too. A label stands for one-hot targets; a sample is right where its
/// largest output is; with one output, where it is on its target's side of one half.
struct MeanSquaredError {
  static constexpr const char* name = "mean_squared_error";
  static constexpr bool takes_logits = false;

  void check() const {}

  STRATA_HD detail::SampleScore score(const float* y, int outputs, const detail::SampleTruth& truth, float* gradient,
                                      float scale) const {
    detail::SampleScore result;
    result.predicted = detail::predicted_class(y, outputs, 0.5f);
    result.correct = result.predicted == truth.label;
    const float share = 1.0f / static_cast<float>(outputs);
    for (int c = 0; c < outputs; ++c) {
      const float error = y[c] - truth.of(c);
      result.loss += share * error * error;
      if (gradient != nullptr) gradient[c] = 2 * share * scale * error;
    }
    return result;
  }
};

}  // namespace strata
