// The loss of a batch: from logits to losses, right answers and the gradient, in one launch.
//
//     loss        = sum over c of t[c] (log sum exp(z) - z[c]),   t one-hot for a label
//     gradient[c] = (softmax(z)[c] sum(t) - t[c]) * scale,        scale = 1 / batch
//
// with the largest z subtracted, and t smoothed where that is wanted, as cpu::cross_entropy does it. One warp takes a
// sample, its lanes every 32nd class, so sums have one order. It reads its row three times, but for the first time from
// the nearest cache, and writes it once: 8 bytes a logit.
#pragma once

#include <strata/core/math.hpp>
#include <strata/cuda/launch.hpp>
#include <strata/cuda/loss.hpp>
#include <strata/cuda/primitives.hpp>

#include <cmath>
#include <cstdint>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// The policy: a warp for each sample.
template <int Classes, int Stride, bool Targets, bool Smooths>
struct CrossEntropySpec {
  static constexpr int classes = Classes;
  static constexpr std::int64_t stride = Stride;  ///< floats from one sample's logits to the next one's
  static constexpr bool has_targets = Targets, smooths = Smooths;
  static constexpr unsigned warps = 4, threads = warps * warp_size;
};

/// A warp scores sample i of a batch, from its logits z, and writes its records and the gradient of z where that is not
/// null. S is as CrossEntropySpec.
template <class S>
STRATA_DEVICE void score_sample(const LossArgs& a, unsigned i, const float* z, float* gradient, float scale,
                                float smoothing = 0, bool writes_records = true) {
  const std::int64_t item = a.records.index[i];
  const std::int32_t label = a.truth.labels[item];
  const float* const target = S::has_targets ? a.truth.targets + item * S::classes : nullptr;
  const auto for_classes = [](auto f) {
    for (int c = static_cast<int>(lane()); c < S::classes; c += static_cast<int>(warp_size)) f(c);
  };

  float top = -__builtin_inff();
  for_classes([&](int c) { top = maximum(z[c], top); });  // passes NaN over
  top = warp_reduce<Maximum>(top);

  constexpr int nowhere = 0x7fffffff;
  int first = nowhere;  // the first place of the largest
  float total = 0;
  for_classes([&](int c) {
    if (z[c] == top && first == nowhere) first = c;
    total += exponential(z[c] - top);
  });
  total = warp_reduce<Sum>(total);
  first = -warp_reduce<Maximum>(-first);
  const float log_total = std::log(total);

  const auto target_of = [&](int c) {
    const float t = S::has_targets ? target[c] : c == label ? 1.0f : 0.0f;
    return S::smooths ? t * (1 - smoothing) + smoothing / static_cast<float>(S::classes) : t;
  };
  float loss = 0, weight = 1;
  if constexpr (S::has_targets || S::smooths) {
    weight = 0;
    for_classes([&](int c) {
      const float t = target_of(c);
      weight += t;
      if (t != 0) loss += t * (log_total - (z[c] - top));  // a target of zero asks nothing, not even a finite logit
    });
    weight = warp_reduce<Sum>(weight);
    loss = warp_reduce<Sum>(loss);
  } else {
    loss = log_total - (z[label] - top);
  }
  if (gradient != nullptr)
    for_classes([&](int c) {
      const float t = target_of(c);
      gradient[c] = (exponential(z[c] - top) / total * weight - t) * scale;
    });

  if (lane() != 0 || !writes_records) return;
  const std::int32_t predicted = first == nowhere ? 0 : first;
  a.records.loss[i] = loss;
  a.records.predicted[i] = predicted;
  a.records.correct[i] = predicted == label ? 1 : 0;
  if (!(absolute(loss) < __builtin_inff())) atomic_add(a.not_finite, 1u);
}

/// Scores each sample. `gradient` may be null.
template <class S>
__global__ void __launch_bounds__(S::threads)
    cross_entropy_kernel(const float* __restrict__ logits, float* __restrict__ gradient, LossArgs a, unsigned batch,
                         float scale, float smoothing) {
  const unsigned i = block_index().x * S::warps + warp();
  if (i >= batch) return;  // a whole warp
  score_sample<S>(a, i, logits + i * S::stride, gradient == nullptr ? nullptr : gradient + i * S::stride, scale,
                  smoothing);
}

/// Scores a batch, and writes the gradient of the mean loss, unless that is null.
template <int Classes, int Stride>
void cross_entropy(Stream stream, int batch, const float* logits, float* gradient, const LossArgs& a,
                   float smoothing = 0) {
  const auto run = [&]<bool Targets, bool Smooths>() {
    using S = CrossEntropySpec<Classes, Stride, Targets, Smooths>;
    const auto n = static_cast<unsigned>(batch);
    launch<cross_entropy_kernel<S>>({.grid = {(n + S::warps - 1) / S::warps}, .block = {S::threads}, .stream = stream},
                                    logits, gradient, a, n, 1.0f / static_cast<float>(batch), smoothing);
  };
  const auto run_smooth = [&]<bool Targets>() {
    smoothing != 0 ? run.template operator()<Targets, true>() : run.template operator()<Targets, false>();
  };
  a.truth.targets != nullptr ? run_smooth.template operator()<true>() : run_smooth.template operator()<false>();
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
