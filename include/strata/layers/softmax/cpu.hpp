// Softmax on the CPU.
//
//     y = exp(x - max x) / sum exp(x - max x),   dx = y * (dy - sum of dy * y)
#pragma once

#include <strata/cpu/exponentials.hpp>
#include <strata/cpu/samples.hpp>
#include <strata/layers/softmax/softmax.hpp>

#include <algorithm>

namespace strata::cpu {
inline namespace STRATA_ISA {

/// Calls f(sample) for the batch, several samples to a task where they are small.
template <int Classes, class F>
void for_rows(const GroupArgs& a, F f) {
  constexpr int rows = rows_per_task(Classes);
  a.pool->run((a.batch + rows - 1) / rows, [&](int task, int) {
    for (int sample = task * rows; sample < std::min(a.batch, (task + 1) * rows); ++sample) f(sample);
  });
}

template <>
struct kernel<Softmax<>> {
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
      const float total = sum_of_exponentials(x, classes, largest_of(x, classes), y);
      for_vectors<classes>([&](int c, auto count) STRATA_INLINE { store<count>(y + c, load<count>(y + c) / total); });
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
        V products{};
        for_vectors<classes>([&](int c, auto count)
                                 STRATA_INLINE { products += load<count>(dy + c) * load<count>(y + c); });
        const float dot = fold_lanes(products, [](const V& p, const V& q) STRATA_INLINE { return p + q; });
        for_vectors<classes>([&](int c, auto count) STRATA_INLINE {
          store<count>(dx + c, load<count>(y + c) * (load<count>(dy + c) - dot));
        });
      });
  }
};

}  // namespace STRATA_ISA
}  // namespace strata::cpu
