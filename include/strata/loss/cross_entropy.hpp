// CrossEntropy: the loss of classification.
#pragma once

#include <strata/core/error.hpp>
#include <strata/cpu/exponentials.hpp>
#include <strata/loss/loss.hpp>

#include <cmath>
#include <cstdint>
#include <limits>

namespace strata {
namespace cpu {
inline namespace STRATA_ISA {

/// The place of `value` among n, the first of several; 0 where it is not among them.
STRATA_INLINE inline std::int32_t first_place_of(float value, const float* x, int n) {
#if defined(__CUDA_ARCH__)  // while nvcc compiles for the device, vectors in shared text would be errors
  return 0;
#else
  const VI nowhere = broadcast(std::numeric_limits<std::int32_t>::max());
  VI first = nowhere;
  for_row(n, [&](int c, auto read, auto) STRATA_INLINE {
    const V v = read(x + c, std::numeric_limits<float>::quiet_NaN());
    const VI place = select(v == broadcast(value), lane_numbers() + c, nowhere);
    first = select(place < first, place, first);
  });
  const std::int32_t place =
      fold_lanes(first, [](const VI& a, const VI& b) STRATA_INLINE { return select(a < b, a, b); });
  return place == nowhere[0] ? 0 : place;
#endif
}

/// loss = sum over c of t[c] * (log sum exp(z) - z[c]), computed with the largest z subtracted, and, where `gradient`
/// is given, gradient[c] = (softmax(z)[c] * sum t - t[c]) * scale. For a label, t is one-hot; with smoothing s it is
/// t * (1 - s) + s / classes instead.
STRATA_INLINE inline strata::detail::SampleScore cross_entropy(const float* z, int classes,
                                                               const strata::detail::SampleTruth& truth,
                                                               float* gradient, float scale, float smoothing = 0) {
  strata::detail::SampleScore score;
#if !defined(__CUDA_ARCH__)
  const float top = largest_of(z, classes);
  const float total = sum_of_exponentials(z, classes, top, gradient);
  const float log_total = std::log(total);
  score.predicted = first_place_of(top, z, classes);
  score.correct = score.predicted == truth.label;

  const float kept = 1 - smoothing, spread = smoothing / static_cast<float>(classes);
  const auto target = [&](int c, auto read) STRATA_INLINE {
    const V of =
        truth.targets ? V(read(truth.targets + c, 0)) : select(lane_numbers() == truth.label - c, broadcast(1.0f), V{});
    return V(of * kept + spread);
  };
  float weight = 1;
  if (truth.targets == nullptr && smoothing == 0) {
    score.loss = log_total - (z[truth.label] - top);
  } else {
    V loss{}, weights{};
    for_row(classes, [&](int c, auto read, auto) STRATA_INLINE {
      const V t = select(lane_numbers() < classes - c, target(c, read), V{});
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
      write(gradient + c, (read(gradient + c, 0) / total * weight - target(c, read)) * scale);
    });
#endif
  return score;
}

}  // namespace STRATA_ISA
}  // namespace cpu
/// The mean over the batch of -sum over c of t[c] log softmax(z)[c], for integer labels (Keras' sparse categorical
/// cross-entropy) and for one-hot or probability targets (categorical cross-entropy); the data set says which.
///
/// It takes logits: of a network that ends in Softmax or LogSoftmax it reads the values in front of it, so softmax and
/// loss are one pass and never overflow; the outputs of another network are taken for logits.
struct CrossEntropy {
  /// Targets become t * (1 - s) + s / classes (Szegedy et al. 2016, as in Keras and PyTorch): 0 up to, not
  /// including, 1.
  double label_smoothing = 0;

  static constexpr const char* name = "cross_entropy";
  static constexpr bool takes_logits = true;

  /// Throws Error where the smoothing is out of its range.
  void check() const {
    if (!(label_smoothing >= 0 && label_smoothing < 1))
      throw Error("CrossEntropy: label_smoothing must be at least 0 and below 1");
  }

  /// The smoothing as kernels take it. A loss that has this is computed as cross-entropy is.
  constexpr float smoothing() const { return static_cast<float>(label_smoothing); }

  /// One sample: its loss, and the gradient of scale * loss.
  STRATA_INLINE detail::SampleScore score(const float* logits, int classes, const detail::SampleTruth& truth,
                                          float* gradient, float scale) const {
    return cpu::cross_entropy(logits, classes, truth, gradient, scale, smoothing());
  }
};

}  // namespace strata
