// The gradients of Dense on the CPU.
//
//     dx = dz w^T,   dw = x^T dz,   db = sum of dz over the batch
//
// with x: batch x inputs, w: inputs x units, dz: batch x units.
#pragma once

#include <strata/cpu/microkernel.hpp>
#include <strata/cpu/samples.hpp>
#include <strata/cpu/transpose.hpp>

#include <algorithm>

namespace strata::cpu {
inline namespace STRATA_ISA {

template <int Inputs, int Units, bool HasBias>
struct dense_gradients {
  static constexpr int vectors = (Units + lanes - 1) / lanes;
  static constexpr int tail = Units - (vectors - 1) * lanes;

  /// dz again, transposed: panels of `lanes` samples, in each of them a vector for every unit. The last panel, which
  /// may have fewer samples, lies in the fixed scratch.
  static constexpr std::int64_t bytes_per_sample = strata::detail::sample_bytes(Shape::vector(Units));
  static constexpr std::int64_t fixed_bytes = std::int64_t{lanes} * Units * 4;

  /// All gradients of group G. `bias` is not written where the layer has none.
  template <class G, bool InputGradient>
  static void run(const GroupArgs& a, const float* w, float* kernel, float* bias) {
    const int panels = (a.batch + lanes - 1) / lanes;
    if constexpr (InputGradient || G::works(G::before, G::size))
      a.pool->run(panels, a.batch * std::int64_t{100} * Units, [&](int panel, int) {
        const int samples = std::min(lanes, a.batch - panel * lanes);
        for (int s = 0; s < samples; ++s)
          backward_sample<G>(a, panel * lanes + s, a.output_gradient + (panel * lanes + s) * stride(G::output));
        if constexpr (InputGradient)
          transpose_panel(a.output_gradient + panel * lanes * stride(G::output), samples, panel_at(a, panel));
      });

    constexpr int input_blocks = (Inputs + lanes - 1) / lanes;
    constexpr int input_tasks = InputGradient ? std::max(1, input_blocks / 4) : 0;
    const std::int64_t flops = std::int64_t{4} * a.batch * Inputs * Units;
    a.pool->run(input_tasks + weight_tasks + HasBias, flops, [&](int task, int) {
      if (task < input_tasks) {
        // The last block is moved back to end with the inputs; the one before it is in the same task.
        const int end = task + 1 == input_tasks ? input_blocks : 4 * task + 4;
        for (int block = 4 * task; block < end; ++block)
          for (int panel = 0; panel < panels; ++panel)
            input_tile<G>(a, w, panel_at(a, panel), std::max(0, std::min(block * lanes, Inputs - lanes)),
                          panel * lanes);
      } else if (task < input_tasks + weight_tasks) {
        weight_tiles<G>(a, kernel, task - input_tasks);
      } else {
        bias_gradient<G>(a, bias);
      }
    });
  }

 private:
  static float* panel_at(const GroupArgs& a, int panel) {
    return reinterpret_cast<float*>((panel + 1) * lanes <= a.batch ? a.scratch : a.fixed) +
           ((panel + 1) * lanes <= a.batch ? std::int64_t{panel} * lanes * Units : 0);
  }

  static void transpose_panel(const float* dz, int samples, float* to) {
    for (int unit = 0; unit < Units; unit += lanes)
      transpose(dz + unit, bytes_per_sample / 4, samples, to + unit * lanes, lanes, std::min(lanes, Units - unit));
  }

  /// dx of `lanes` inputs and one panel of samples. Samples lie in lanes and inputs in rows until the end.
  template <class G>
  static void input_tile(const GroupArgs& a, const float* w, const float* panel, int input, int sample) {
    Tile<lanes, 1> sums;
    for_tile<lanes, 1>([&](int m, auto) STRATA_INLINE { sums.c[m][0] = V{}; });
    const float* q = w + std::int64_t{input} * Units;
    multiply_add(
        sums, Units, [q](int m, int k) STRATA_INLINE { return q[std::min<int>(m, Inputs - 1) * Units + k]; },
        [panel](int k, int) STRATA_INLINE { return load(panel + k * lanes); });
    float block[lanes * lanes];
    strata::detail::unroll<lanes>([&](auto m) STRATA_INLINE { store(block + m * lanes, sums.c[m][0]); });
    transpose(block, lanes, lanes, a.input_gradient + sample * stride(G::input) + input, stride(G::input),
              std::min(lanes, a.batch - sample));
  }

  static constexpr TileShape shape = choose_tile(Inputs, Units);
  static constexpr int unit_panels = (vectors + shape.vectors - 1) / shape.vectors;
  static constexpr int last = vectors - (unit_panels - 1) * shape.vectors;
  static constexpr int down = (Inputs + shape.rows - 1) / shape.rows;
  static constexpr int per_task = (down * unit_panels + 63) / 64;
  static constexpr int weight_tasks = (down * unit_panels + per_task - 1) / per_task;

  /// dw of M inputs times N vectors of units, summed over the batch in order.
  template <class G, int M, int N, int Tail>
  static void weight_tile(const GroupArgs& a, float* to, int input, int unit) {
    Tile<M, N> sums;
    for_tile<M, N>([&](int m, auto n) STRATA_INLINE { sums.c[m][n] = V{}; });
    const float* x = a.input + input;
    const float* d = a.output_gradient + unit;
    multiply_add(
        sums, a.batch, [x](int m, int k) STRATA_INLINE { return x[k * stride(G::input) + m]; },
        [d](int k, int n) STRATA_INLINE { return load(d + k * stride(G::output) + n * lanes); });
    for_tile<M, N>([&](int m, auto n) STRATA_INLINE {
      store<(n + 1 == N ? Tail : lanes)>(to + std::int64_t{input + m} * Units + unit + n * lanes, sums.c[m][n]);
    });
  }

  template <class G>
  static void weight_tiles(const GroupArgs& a, float* kernel, int task) {
    for (int t = task * per_task; t < std::min((task + 1) * per_task, down * unit_panels); ++t) {
      const int panel = t / down, input = t % down * shape.rows, unit = panel * shape.vectors * lanes;
      auto rows = [&](auto m) {
        if (unit_panels > 1 && panel + 1 < unit_panels)
          weight_tile<G, m, shape.vectors, lanes>(a, kernel, input, unit);
        else
          weight_tile<G, m, last, tail>(a, kernel, input, unit);
      };
      if (down > 1 && input + shape.rows <= Inputs)
        rows(std::integral_constant<int, shape.rows>{});
      else
        rows(std::integral_constant<int, Inputs - (down - 1) * shape.rows>{});
    }
  }

  template <class G>
  static void bias_gradient(const GroupArgs& a, float* to) {
    for_vectors<Units>([&](int u, auto count) {
      V sums{};
      for (int sample = 0; sample < a.batch; ++sample)
        sums += load<count>(a.output_gradient + sample * stride(G::output) + u);
      store<count>(to + u, sums);
    });
  }
};

}  // namespace STRATA_ISA
}  // namespace strata::cpu
