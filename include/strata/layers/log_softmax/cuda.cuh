// LogSoftmax on a GPU.
//
//     y = x - max x - log sum exp(x - max x),   dx = dy - exp(y) * sum of dy
//
// Rows go to warps and blocks as Softmax's do, and are read as often.
#pragma once

#include <strata/layers/log_softmax/log_softmax.hpp>
#include <strata/layers/softmax/cuda.cuh>

#include <cmath>

namespace strata::cuda {
inline namespace STRATA_SIDE {

template <class S>
__global__ void __launch_bounds__(S::threads)
    log_softmax_forward_kernel(const float* __restrict__ in, float* __restrict__ out, unsigned batch) {
  if (S::row() >= batch) return;  // a whole warp
  const float* const x = in + S::row() * S::stride;
  float* const y = out + S::row() * S::stride;
  constexpr int step = static_cast<int>(S::threads_of_row);
  float largest = -__builtin_inff(), sum = 0;
  for (int c = S::first(); c < S::classes; c += step) largest = maximum(x[c], largest);
  largest = S::template join<Maximum>(largest);
  for (int c = S::first(); c < S::classes; c += step) sum += exponential(x[c] - largest);
  const float log_total = std::log(S::template join<Sum>(sum));
  for (int c = S::first(); c < S::classes; c += step) y[c] = x[c] - largest - log_total;
}

template <class S>
__global__ void __launch_bounds__(S::threads)
    log_softmax_backward_kernel(const float* __restrict__ out, const float* __restrict__ out_gradient,
                                float* __restrict__ in_gradient, unsigned batch) {
  if (S::row() >= batch) return;
  const float* const y = out + S::row() * S::stride;
  const float* const dy = out_gradient + S::row() * S::stride;
  float* const dx = in_gradient + S::row() * S::stride;
  constexpr int step = static_cast<int>(S::threads_of_row);
  float total = 0;
  for (int c = S::first(); c < S::classes; c += step) total += dy[c];
  total = S::template join<Sum>(total);
  for (int c = S::first(); c < S::classes; c += step) dx[c] = dy[c] - exponential(y[c]) * total;
}

template <>
struct kernel<LogSoftmax<>> {
  template <class G>
  static constexpr Requirements requirements() {
    return {};
  }

  template <class G>
  static void forward(const GroupArgs& a) {
    using S = SoftmaxSpec<G>;
    launch<log_softmax_forward_kernel<S>>(over_rows<S>(a), a.input, a.output, static_cast<unsigned>(a.batch));
  }

  template <class G, bool InputGradient>
  static void backward(const GroupArgs& a) {
    using S = SoftmaxSpec<G>;
    if constexpr (InputGradient)
      launch<log_softmax_backward_kernel<S>>(over_rows<S>(a), static_cast<const float*>(a.output),
                                             static_cast<const float*>(a.output_gradient), a.input_gradient,
                                             static_cast<unsigned>(a.batch));
  }
};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
