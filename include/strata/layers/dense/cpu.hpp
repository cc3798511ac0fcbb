// Dense on the CPU.
//
//     z = x w + b,   dx = dz w^T,   dw = x^T dz,   db = sum of dz over the batch
//
// with x: batch x inputs, w: inputs x units, z: batch x units.
#pragma once

#include <strata/cpu/microkernel.hpp>
#include <strata/cpu/samples.hpp>
#include <strata/layers/dense/dense.hpp>

namespace strata::cpu {
inline namespace STRATA_ISA {

template <int Units, class... Options>
struct kernel<Dense<Units, Options...>> {
  using layer = Dense<Units, Options...>;

  template <class G>
  static constexpr int inputs = static_cast<int>(G::input.size());

  static constexpr int vectors = (Units + lanes - 1) / lanes;

  template <class G>
  static constexpr Requirements requirements() {
    return {};
  }

  /// Forward: M samples times N vectors of units, the inputs in ascending order.
  template <class G, int M, int N, int Tail>
  static void forward_tile(const GroupArgs& a, const float* w, const float* bias, int sample, int unit) {
    Tile<M, N> tile;
    for_tile<M, N>([&](auto m, auto n) STRATA_INLINE { tile.c[m][n] = bias ? load(bias + unit + n * lanes) : V{}; });
    const float* x = a.input + sample * stride(G::input);
    const float* q = w + unit;
    multiply_add(
        tile, inputs<G>, [x](int m, int k) STRATA_INLINE { return x[m * stride(G::input) + k]; },
        [q](int k, int n) STRATA_INLINE { return load(q + k * Units + n * lanes); });
    for_tile<M, N>([&](auto m, auto n) STRATA_INLINE {
      const Sink<G> sink{a, sample + m, a.output + (sample + m) * stride(G::output)};
      sink(unit + n * lanes, tile.c[m][n], std::integral_constant<int, (n + 1 == N ? Tail : lanes)>{});
    });
  }

  template <class G>
  static void forward(const GroupArgs& a) {
    constexpr TileShape shape = choose_tile(8, Units);
    constexpr int panels = (vectors + shape.vectors - 1) / shape.vectors;
    constexpr int last = vectors - (panels - 1) * shape.vectors;
    constexpr int first = G::first_tensor(G::producer);
    const float* w = a.tensor(first);
    const float* bias = layer::has_bias ? a.tensor(first + layer::has_bias) : nullptr;
    const int blocks = (a.batch + shape.rows - 1) / shape.rows;
    a.pool->run(blocks * panels, [&](int task, int) {
      const int panel = task / blocks, sample = task % blocks * shape.rows;
      const int unit = panel * shape.vectors * lanes;
      auto columns = [&](auto n, auto tail) {
        int at = sample;
        const int end = std::min(a.batch, sample + shape.rows);
        if (end - at == shape.rows) return forward_tile<G, shape.rows, n, tail>(a, w, bias, at, unit);
        for (; end - at >= 4; at += 4) forward_tile<G, 4, n, tail>(a, w, bias, at, unit);
        for (; at < end; ++at) forward_tile<G, 1, n, tail>(a, w, bias, at, unit);
      };
      if (panels > 1 && panel + 1 < panels)
        columns(std::integral_constant<int, shape.vectors>{}, std::integral_constant<int, lanes>{});
      else
        columns(std::integral_constant<int, last>{}, std::integral_constant<int, Units - (vectors - 1) * lanes>{});
    });
  }

  /// Input gradient: M samples times N inputs, each the product of two rows that lie along the units.
  template <class G, int M, int N>
  static void input_tile(const GroupArgs& a, const float* w, int sample, int input) {
    V sums[M][N];
    for_tile<M, N>([&](auto m, auto n) STRATA_INLINE { sums[m][n] = V{}; });
    const float* d = a.output_gradient + sample * stride(G::output);
    const float* row = w + std::int64_t{input} * Units;
    auto step = [&](int u, auto count) STRATA_INLINE {
      V r[N];
      strata::detail::unroll<N>([&](auto n) STRATA_INLINE { r[n] = load<count>(row + n * Units + u); });
      strata::detail::unroll<M>([&](auto m) STRATA_INLINE {
        const V s = load<count>(d + m * stride(G::output) + u);
        strata::detail::unroll<N>([&](auto n) STRATA_INLINE { sums[m][n] += s * r[n]; });
      });
    };
    STRATA_NOUNROLL
    for (int u = 0; u + lanes <= Units; u += lanes) step(u, std::integral_constant<int, lanes>{});
    if constexpr (Units % lanes != 0) step(Units - Units % lanes, std::integral_constant<int, Units % lanes>{});
    float* dx = a.input_gradient + sample * stride(G::input) + input;
    for_tile<M, N>([&](auto m, auto n) STRATA_INLINE { dx[m * stride(G::input) + n] = sum(sums[m][n]); });
  }

  /// Weight gradient: M inputs times N vectors of units, summed over the batch in order.
  template <class G, int M, int N, int Tail>
  static void weight_tile(const GroupArgs& a, float* to, int input, int unit) {
    Tile<M, N> tile;
    for_tile<M, N>([&](auto m, auto n) STRATA_INLINE { tile.c[m][n] = V{}; });
    const float* x = a.input + input;
    const float* d = a.output_gradient + unit;
    multiply_add(
        tile, a.batch, [x](int m, int k) STRATA_INLINE { return x[k * stride(G::input) + m]; },
        [d](int k, int n) STRATA_INLINE { return load(d + k * stride(G::output) + n * lanes); });
    for_tile<M, N>([&](auto m, auto n) STRATA_INLINE {
      store<(n + 1 == N ? Tail : lanes)>(to + std::int64_t{input + m} * Units + unit + n * lanes, tile.c[m][n]);
    });
  }

  template <class G, bool InputGradient>
  static void backward(const GroupArgs& a) {
    constexpr int first = G::first_tensor(G::producer);
    const float* w = a.tensor(first);
    backward_samples<G>(a);
    if constexpr (InputGradient) {
      constexpr int block = 64;
      a.pool->run((inputs<G> + block - 1) / block, [&](int task, int) {
        const int end = std::min(inputs<G>, (task + 1) * block);
        auto rows = [&](auto n, int input) {
          int sample = 0;
          for (; sample + 4 <= a.batch; sample += 4) input_tile<G, 4, n>(a, w, sample, input);
          for (; sample < a.batch; ++sample) input_tile<G, 1, n>(a, w, sample, input);
        };
        int input = task * block;
        for (; input + 4 <= end; input += 4) rows(std::integral_constant<int, 4>{}, input);
        for (; input < end; ++input) rows(std::integral_constant<int, 1>{}, input);
      });
    }
    float* dw = a.gradients + a.offsets[first];
    constexpr TileShape shape = choose_tile(inputs<G>, Units);
    constexpr int panels = (vectors + shape.vectors - 1) / shape.vectors;
    constexpr int last = vectors - (panels - 1) * shape.vectors;
    constexpr int down = (inputs<G> + shape.rows - 1) / shape.rows;
    constexpr int per_task = (down * panels + 63) / 64;
    constexpr int tasks = (down * panels + per_task - 1) / per_task;
    a.pool->run(tasks + layer::has_bias, [&](int task, int) {
      if (task == tasks) return bias_gradient<G>(a, a.gradients + a.offsets[first + layer::has_bias]);
      for (int t = task * per_task; t < std::min((task + 1) * per_task, down * panels); ++t) {
        const int panel = t / down, input = t % down * shape.rows, unit = panel * shape.vectors * lanes;
        auto columns = [&](auto m) {
          if (panels > 1 && panel + 1 < panels)
            weight_tile<G, m, shape.vectors, lanes>(a, dw, input, unit);
          else
            weight_tile<G, m, last, Units - (vectors - 1) * lanes>(a, dw, input, unit);
        };
        if (down > 1 && input + shape.rows <= inputs<G>)
          columns(std::integral_constant<int, shape.rows>{});
        else
          columns(std::integral_constant<int, inputs<G> - (down - 1) * shape.rows>{});
      }
    });
  }

 private:
  template <class G>
  static void bias_gradient(const GroupArgs& a, float* to) {
    for_vectors<Units>([&](int u, auto count) {
      V s{};
      for (int sample = 0; sample < a.batch; ++sample)
        s += load<count>(a.output_gradient + sample * stride(G::output) + u);
      store<count>(to + u, s);
    });
  }
};

}  // namespace STRATA_ISA
}  // namespace strata::cpu
