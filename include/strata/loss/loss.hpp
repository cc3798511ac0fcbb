// The contract of a loss; mean_squared_error.hpp is the example to read.
//
// A loss is a value with its hyper-parameters as doubles. `score(outputs, classes, truth, gradient, scale)` judges one
// sample: its loss, the class it is taken for, whether that is right, and, where `gradient` is not null, the gradient
// of scale * loss. Where `takes_logits`, a network's closing Softmax or LogSoftmax is left out, and what stands in
// front of it is judged. Marked STRATA_HD, the same text runs on the CPU and on a GPU.
#pragma once

#include <strata/core/score.hpp>

#include <concepts>

namespace strata {
/// What `fit` and `evaluate` ask of a loss.
template <class L>
concept Loss = requires(const L loss, const float* outputs, const detail::SampleTruth& truth, float* gradient) {
  { L::name } -> std::convertible_to<const char*>;
  { L::takes_logits } -> std::convertible_to<bool>;
  { loss.score(outputs, 10, truth, gradient, 1.0f) } -> std::same_as<detail::SampleScore>;
  loss.check();
};

}  // namespace strata
