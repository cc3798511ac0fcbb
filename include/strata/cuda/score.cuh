// The losses of a batch: cross-entropy by its own kernel, every other loss by its own text, a thread for each sample.
//
// A thread reads its sample's outputs and truth some times over and writes the gradient: 8 bytes an output from memory,
// not coalesced, which does not show where outputs are few.
#pragma once

#include <strata/core/score.hpp>
#include <strata/cuda/cross_entropy.cuh>
#include <strata/cuda/launch.hpp>
#include <strata/cuda/loss.hpp>
#include <strata/cuda/primitives.hpp>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// Whether a loss is computed as cross-entropy is.
template <class Loss>
concept ScoredAsCrossEntropy = requires(const Loss loss) {
  loss.smoothing();
};

/// The policy: a thread for each sample.
template <class L, int Classes, int Stride>
struct ScoreSpec {
  using Loss = L;
  static constexpr int classes = Classes;
  static constexpr std::int64_t stride = Stride;  ///< floats from one sample's outputs to the next one's
  static constexpr unsigned threads = 64;
};

/// Scores each sample. `gradient` may be null.
template <class S>
__global__ void __launch_bounds__(S::threads)
    score_kernel(const float* __restrict__ outputs, float* __restrict__ gradient, LossArgs a, typename S::Loss loss,
                 unsigned batch, float scale) {
  const unsigned i = block_index().x * S::threads + thread_index().x;
  if (i >= batch) return;
  const std::int64_t item = a.records.index[i];
  const strata::detail::SampleTruth truth{a.truth.labels[item],
                                          a.truth.targets != nullptr ? a.truth.targets + item * S::classes : nullptr};
  const auto score = loss.score(outputs + i * S::stride, S::classes, truth,
                                gradient != nullptr ? gradient + i * S::stride : nullptr, scale);
  a.records.loss[i] = score.loss;
  a.records.predicted[i] = score.predicted;
  a.records.correct[i] = score.correct ? 1 : 0;
  if (!(absolute(score.loss) < __builtin_inff())) atomic_add(a.not_finite, 1u);
}

/// Scores a batch by `loss`, and writes the gradient of its mean, unless that is null.
template <int Classes, int Stride, class Loss>
void score(Stream stream, int batch, const float* outputs, float* gradient, const LossArgs& a, const Loss& loss) {
  if constexpr (ScoredAsCrossEntropy<Loss>) {
    cross_entropy<Classes, Stride>(stream, batch, outputs, gradient, a, loss.smoothing());
  } else {
    using S = ScoreSpec<Loss, Classes, Stride>;
    const auto n = static_cast<unsigned>(batch);
    launch<score_kernel<S>>({.grid = {(n + S::threads - 1) / S::threads}, .block = {S::threads}, .stream = stream},
                            outputs, gradient, a, loss, n, 1.0f / static_cast<float>(batch));
  }
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
