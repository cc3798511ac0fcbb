// Softmax on the CPU.
//
//     y = exp(x - max x) / sum exp(x - max x),   dx = y * (dy - sum of dy * y)
#pragma once

#include <strata/cpu/samples.hpp>
#include <strata/layers/softmax/softmax.hpp>

namespace strata::cpu {
inline namespace STRATA_ISA {

template <>
struct kernel<Softmax<>> {
  template <class G>
  static constexpr Requirements requirements() {
    return {};
  }

  template <class G>
  static void forward(const GroupArgs& a) {
    constexpr int classes = G::output.channels;
    a.pool->run(a.batch, [&](int sample, int) {
      const float* x = a.input + sample * stride(G::input);
      float* y = a.output + sample * stride(G::output);
      float largest = x[0];
      for (int c = 1; c < classes; ++c) largest = maximum(x[c], largest);
      float total = 0;
      for_vectors<classes>([&](int c, auto count) STRATA_INLINE {
        const V e = exponential(load<count>(x + c) - largest);
        store<count>(y + c, e);
      });
      for (int c = 0; c < classes; ++c) total += y[c];
      for (int c = 0; c < classes; ++c) y[c] /= total;
    });
  }

  template <class G, bool InputGradient>
  static void backward(const GroupArgs& a) {
    constexpr int classes = G::output.channels;
    if constexpr (InputGradient)
      a.pool->run(a.batch, [&](int sample, int) {
        const float* y = a.output + sample * stride(G::output);
        const float* dy = a.output_gradient + sample * stride(G::output);
        float* dx = a.input_gradient + sample * stride(G::input);
        float dot = 0;
        for (int c = 0; c < classes; ++c) dot += dy[c] * y[c];
        for (int c = 0; c < classes; ++c) dx[c] = y[c] * (dy[c] - dot);
      });
  }
};

}  // namespace STRATA_ISA
}  // namespace strata::cpu
