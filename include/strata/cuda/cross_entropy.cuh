// The loss of a batch: from logits to losses, right answers and the gradient, in one launch.
//
//     loss        = sum over c of t[c] (log sum exp(z) - z[c]),   t one-hot for a label
//     gradient[c] = (softmax(z)[c] sum(t) - t[c]) * scale,        scale = 1 / batch
//
// with the largest z subtracted, as cpu::cross_entropy does it. One warp takes a sample, its lanes every 32nd class, so
// sums have one order. It reads its row three times, but for the first time from the nearest cache, and writes it once:
// 8 bytes a logit.
#pragma once

#include <strata/core/math.hpp>
#include <strata/cuda/cursor.hpp>
#include <strata/cuda/launch.hpp>
#include <strata/cuda/primitives.hpp>

#include <cmath>
#include <cstdint>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// What the samples of a data set should be, in the device's memory.
struct Truth {
  const std::int32_t* labels;  ///< one a sample; with targets the class of the largest, the first of equals
  const float* targets;        ///< a row of classes a sample, or null
};

/// The policy: a warp for each sample.
template <int Classes, int Stride, bool Targets>
struct CrossEntropySpec {
  static constexpr int classes = Classes;
  static constexpr std::int64_t stride = Stride;  ///< floats from one sample's logits to the next one's
  static constexpr bool has_targets = Targets;
  static constexpr unsigned warps = 4, threads = warps * warp_size;
};

/// Scores each sample and counts those whose loss is no finite number. `gradient` may be null.
template <class S>
__global__ void __launch_bounds__(S::threads)
    cross_entropy_kernel(const float* __restrict__ logits, float* __restrict__ gradient, SampleRecords records,
                         Truth truth, unsigned batch, float scale, unsigned* not_finite) {
  const unsigned i = block_index().x * S::warps + warp();
  if (i >= batch) return;  // a whole warp
  const float* const z = logits + i * S::stride;
  const std::int64_t item = records.index[i];
  const std::int32_t label = truth.labels[item];
  const float* const target = S::has_targets ? truth.targets + item * S::classes : nullptr;
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

  float loss = 0, weight = 1;
  if constexpr (S::has_targets) {
    weight = 0;
    for_classes([&](int c) {
      const float t = target[c];
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
      const float t = S::has_targets ? target[c] : c == label ? 1.0f : 0.0f;
      gradient[i * S::stride + c] = (exponential(z[c] - top) / total * weight - t) * scale;
    });

  if (lane() != 0) return;
  const std::int32_t predicted = first == nowhere ? 0 : first;
  records.loss[i] = loss;
  records.predicted[i] = predicted;
  records.correct[i] = predicted == label ? 1 : 0;
  if (!(absolute(loss) < __builtin_inff())) atomic_add(not_finite, 1u);
}

/// Scores a batch whose samples' numbers the records hold, and writes the gradient of the mean loss, unless that is
/// null. Adds the losses that are no finite numbers to *not_finite.
template <int Classes, int Stride>
void cross_entropy(Stream stream, int batch, const float* logits, float* gradient, const SampleRecords& records,
                   const Truth& truth, unsigned* not_finite) {
  const auto run = [&]<bool Targets>() {
    using S = CrossEntropySpec<Classes, Stride, Targets>;
    const auto n = static_cast<unsigned>(batch);
    launch<cross_entropy_kernel<S>>({.grid = {(n + S::warps - 1) / S::warps}, .block = {S::threads}, .stream = stream},
                                    logits, gradient, records, truth, n, 1.0f / static_cast<float>(batch), not_finite);
  };
  if (truth.targets != nullptr)
    run.template operator()<true>();
  else
    run.template operator()<false>();
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
