// A group's work around its producer: elementwise layers and a pooling, over values in memory.
//
// One thread makes one value of the pass's output. Forward reads what the producer made (or the group's input), runs the
// elementwise layers before the pooling on each value of the window, folds it and runs the layers behind: 4 bytes read
// for each value of the input, 4 written for each of the output. Backward runs the same way back, one thread for each
// value of the input.
#pragma once

#include <strata/cuda/chain.cuh>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// The policy: the group, and threads of a block.
template <class G>
struct PassSpec {
  using group = G;
  static constexpr unsigned threads = 256;
  static constexpr int size = static_cast<int>(G::output.size());
};

/// A group of elementwise layers alone, forward.
template <class S>
__global__ void __launch_bounds__(S::threads)
    elementwise_forward_kernel(ChainArgs<typename S::group> a, const float* __restrict__ in, float* __restrict__ out) {
  using G = typename S::group;
  const std::uint32_t sample = block_index().y;
  const int index = static_cast<int>(block_index().x * S::threads + thread_index().x);
  if (index >= S::size) return;
  const std::int64_t at = sample * Value<G, G::size>::stride + index;
  out[at] = BeforeReduction<G>::forward(a, sample, index, in[at]);
}

template <class G>
void elementwise_forward(const GroupArgs& a) {
  using S = PassSpec<G>;
  launch<elementwise_forward_kernel<S>>(
      {.grid = {(S::size + S::threads - 1) / S::threads, static_cast<unsigned>(a.batch)}, .block = {S::threads}, .stream = a.stream},
      ChainArgs<G>(a), a.input, a.output);
}

template <class Op>
constexpr bool has_kernel(Mode) {
  return true;
}
template <class G>
constexpr Requirements requirements() {
  return {};
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
