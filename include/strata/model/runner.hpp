// What stands between a model and its backend: the contract of a Runner.
#pragma once

#include <algorithm>
#include <cstdint>

namespace strata {

/// How many threads a model may use.
struct Threads {
  int count = 0;
};

/// `Model<Net> model{seed(42), threads(1)}`; 0, the default, stands for all cores. On a GPU it says nothing.
constexpr Threads threads(int count) { return {count}; }

namespace detail {

/// What runs predictions of Net on a backend, for one caller. Each backend specialises it, with
///
///     Runner(Threads)                                        throws Error where the backend does not work
///     Weights                                                parameters as this backend reads them: a view
///     Weights weights(arena, changes)                        a model's, out of its arena in the CPU's memory, which
///     has
///                                                            changed as often as `changes` says
///     static Prepared Runner::prepare(AlignedBuffer arena)   a predictor's, taken over: .arena .weights .storage
///     void reserve(weights)                                  makes room for predictions of one sample
///     void predict(weights, data, float* to)                 outputs of all samples, one behind the other
///     Evaluation evaluate(weights, data, loss)               of data that has been checked
///
/// Trainer (train/trainer.hpp) is the same for fit.
template <class Net, class Backend>
class Runner;

/// Samples that go through a network at once where more are asked for: as many as fit 256 MiB, at most 256.
constexpr int prediction_batch(std::int64_t bytes_per_sample, std::int64_t samples) {
  const std::int64_t room = (std::int64_t{256} << 20) / std::max<std::int64_t>(1, bytes_per_sample);
  return static_cast<int>(std::min<std::int64_t>(std::clamp<std::int64_t>(room, 1, 256), samples));
}

}  // namespace detail
}  // namespace strata
