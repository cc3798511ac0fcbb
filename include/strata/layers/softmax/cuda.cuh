// Softmax on a GPU.
//
//     y = exp(x - max x) / sum exp(x - max x),   dx = y * (dy - sum of dy * y)
//
// A warp, or a block where there are many classes, takes a row: forward it reads the row three times (the largest, the
// sum, the result), backward twice, from the first-level cache after the first time; 4 bytes written a value. Sums go
// in a fixed order: each thread's own, then those of the threads by halves.
#pragma once

#include <strata/cuda/passes.cuh>
#include <strata/layers/softmax/softmax.hpp>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// The policy: threads of a row, and rows of a block.
template <class G>
struct SoftmaxSpec {
  static constexpr int classes = G::output.channels;
  static constexpr unsigned threads_of_row = classes <= 512 ? warp_size : 256;
  static constexpr unsigned rows = threads_of_row == warp_size ? 4 : 1;
  static constexpr unsigned threads = rows * threads_of_row;
  static constexpr std::int64_t stride = cuda::stride(G::output);

  static STRATA_DEVICE unsigned row() { return block_index().x * rows + thread_index().x / threads_of_row; }
  static STRATA_DEVICE int first() { return static_cast<int>(thread_index().x % threads_of_row); }

  /// The values of a row's threads joined, in all of them.
  template <class Operation>
  static STRATA_DEVICE float join(float value) {
    if constexpr (threads_of_row == warp_size)
      return warp_reduce<Operation>(value);
    else
      return block_reduce<Operation, threads>(value);
  }
};

template <class S>
__global__ void __launch_bounds__(S::threads)
    softmax_forward_kernel(const float* __restrict__ in, float* __restrict__ out, unsigned batch) {
  if (S::row() >= batch) return;  // a whole warp
  const float* const x = in + S::row() * S::stride;
  float* const y = out + S::row() * S::stride;
  constexpr int step = static_cast<int>(S::threads_of_row);
  float largest = -__builtin_inff(), sum = 0;
  for (int c = S::first(); c < S::classes; c += step) largest = maximum(x[c], largest);
  largest = S::template join<Maximum>(largest);
  for (int c = S::first(); c < S::classes; c += step) sum += exponential(x[c] - largest);
  sum = S::template join<Sum>(sum);
  for (int c = S::first(); c < S::classes; c += step) y[c] = exponential(x[c] - largest) / sum;
}

template <class S>
__global__ void __launch_bounds__(S::threads)
    softmax_backward_kernel(const float* __restrict__ out, const float* __restrict__ out_gradient,
                            float* __restrict__ in_gradient, unsigned batch) {
  if (S::row() >= batch) return;
  const float* const y = out + S::row() * S::stride;
  const float* const dy = out_gradient + S::row() * S::stride;
  float* const dx = in_gradient + S::row() * S::stride;
  constexpr int step = static_cast<int>(S::threads_of_row);
  float dot = 0;
  for (int c = S::first(); c < S::classes; c += step) dot += dy[c] * y[c];
  dot = S::template join<Sum>(dot);
  for (int c = S::first(); c < S::classes; c += step) dx[c] = y[c] * (dy[c] - dot);
}

/// The launch that visits a batch's rows.
template <class S>
Launch over_rows(const GroupArgs& a) {
  const unsigned blocks = (static_cast<unsigned>(a.batch) + S::rows - 1) / S::rows;
  return {.grid = {blocks}, .block = {S::threads}, .stream = a.stream};
}

template <>
struct kernel<Softmax<>> {
  template <class G>
  static constexpr Requirements requirements() {
    return {};
  }

  template <class G>
  static void forward(const GroupArgs& a) {
    using S = SoftmaxSpec<G>;
    launch<softmax_forward_kernel<S>>(over_rows<S>(a), a.input, a.output, static_cast<unsigned>(a.batch));
  }

  template <class G, bool InputGradient>
  static void backward(const GroupArgs& a) {
    using S = SoftmaxSpec<G>;
    if constexpr (InputGradient)
      launch<softmax_backward_kernel<S>>(over_rows<S>(a), static_cast<const float*>(a.output),
                                         static_cast<const float*>(a.output_gradient), a.input_gradient,
                                         static_cast<unsigned>(a.batch));
  }
};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
