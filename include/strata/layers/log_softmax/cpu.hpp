// LogSoftmax on the CPU.
//
//     y = x - max x - log sum exp(x - max x),   dx = dy - exp(y) * sum of dy
#pragma once

#include <strata/layers/log_softmax/log_softmax.hpp>
#include <strata/layers/softmax/cpu.hpp>

#include <cmath>

namespace strata::cpu {
inline namespace STRATA_ISA {

template <>
struct kernel<LogSoftmax<>> {
  template <class G>
  static constexpr Requirements requirements() {
    return {};
  }

  template <class G>
  static void forward(const GroupArgs& a) {
    constexpr int classes = G::output.channels;
    for_rows<classes>(a, [&](int sample) {
      const float* x = a.input + sample * stride(G::input);
      float* y = a.output + sample * stride(G::output);
      const float largest = largest_of(x, classes);
      const float log_total = std::log(sum_of_exponentials(x, classes, largest, nullptr));
      for_vectors<classes>([&](int c, auto count)
                               STRATA_INLINE { store<count>(y + c, load<count>(x + c) - largest - log_total); });
    });
  }

  template <class G, bool InputGradient>
  static void backward(const GroupArgs& a) {
    constexpr int classes = G::output.channels;
    if constexpr (InputGradient)
      for_rows<classes>(a, [&](int sample) {
        const float* y = a.output + sample * stride(G::output);
        const float* dy = a.output_gradient + sample * stride(G::output);
        float* dx = a.input_gradient + sample * stride(G::input);
        V sums{};
        for_vectors<classes>([&](int c, auto count) STRATA_INLINE { sums += load<count>(dy + c); });
        const float total = fold_lanes(sums, [](const V& p, const V& q) STRATA_INLINE { return p + q; });
        for_vectors<classes>([&](int c, auto count) STRATA_INLINE {
          store<count>(dx + c, load<count>(dy + c) - exponential(load<count>(y + c)) * total);
        });
      });
  }
};

}  // namespace STRATA_ISA
}  // namespace strata::cpu
