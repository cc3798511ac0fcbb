// The end of a batch: its sums join the epoch's, and the cursor moves on; the optimizer too where a step ends with it.
//
// One block reads 8 bytes a sample. The others copy the network's state (running averages), 8 bytes a number: the copy
// is what a step that has to be given up goes back to, since its forward pass has moved them already. Where a loss of
// the step was no finite number nothing moves, and nothing will.
#pragma once

#include <strata/cuda/cursor.hpp>
#include <strata/cuda/launch.hpp>
#include <strata/cuda/optimizer_step.hpp>
#include <strata/cuda/primitives.hpp>

#include <algorithm>
#include <cstdint>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// The policy: one block for the sums, and for the state as many as fill 132 multiprocessors.
struct AdvanceSpec {
  static constexpr int floats = 4;  ///< of a thread, of the state
  static constexpr unsigned threads = 256, most_blocks = 132 * 8;
};

/// What a step moves on. Pointers lead to the device's memory.
template <class Step = NoOptimizerStep>
struct Advance {
  Cursor* cursor = nullptr;
  Tally* tally = nullptr;
  Step* optimizer = nullptr;     ///< null where no step is taken
  bool ends_step = true;         ///< false: more batches of the same step follow
  const float* state = nullptr;  ///< of the network, state_floats of them, a multiple of 4
  float* state_copy = nullptr;
  std::int64_t state_floats = 0;
};

template <class S, class Step>
__global__ void __launch_bounds__(S::threads) advance_kernel(Advance<Step> a, SampleRecords records, unsigned batch) {
  const bool is_good = a.tally->not_finite == 0;
  if (block_index().x > 0) {
    if (!is_good || !a.ends_step) return;
    const std::int64_t stride = std::int64_t{grid_size().x - 1} * S::threads * S::floats;
    std::int64_t i = (std::int64_t{block_index().x - 1} * S::threads + thread_index().x) * S::floats;
    for (; i < a.state_floats; i += stride) store(a.state_copy + i, load<S::floats>(a.state + i));
    return;
  }
  double loss = 0;
  std::int64_t correct = 0;
  for (unsigned i = thread_index().x; i < batch; i += S::threads) {
    loss += static_cast<double>(records.loss[i]);
    correct += records.correct[i];
  }
  loss = block_reduce<Sum, S::threads>(loss);
  correct = block_reduce<Sum, S::threads>(correct);
  if (thread_index().x != 0) return;
  if (is_good) {
    a.tally->loss += loss;
    a.tally->correct += correct;
    a.tally->samples += batch;
    a.cursor->place += batch;
    ++a.cursor->step;
    if (!a.ends_step) return;
    ++a.tally->steps;
    if (a.optimizer != nullptr) a.optimizer->move_on();
  } else if (a.tally->stopped == 0) {
    a.tally->stopped = 1;
    a.tally->stopped_loss = loss;
  }
}

/// Ends a batch of `batch` samples.
template <class Step>
void advance(Stream stream, int batch, const Advance<Step>& what, const SampleRecords& records) {
  using S = AdvanceSpec;
  constexpr std::int64_t floats_of_block = std::int64_t{S::threads} * S::floats;
  const std::int64_t blocks = (what.state_floats + floats_of_block - 1) / floats_of_block;
  launch<advance_kernel<S, Step>>({.grid = {1 + static_cast<unsigned>(std::min<std::int64_t>(blocks, S::most_blocks))},
                                   .block = {S::threads},
                                   .stream = stream},
                                  what, records, static_cast<unsigned>(batch));
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
