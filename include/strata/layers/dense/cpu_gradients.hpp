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

    constexpr int input_tasks = InputGradient ? (Inputs + block_inputs - 1) / block_inputs : 0;
    const std::int64_t flops = std::int64_t{4} * a.batch * Inputs * Units;
    a.pool->run(input_tasks + weight_tasks + HasBias, flops, [&](int task, int) {
      if (task < input_tasks) {
        // The last block is moved back to end with the inputs.
        const int input = std::max(0, std::min(task * block_inputs, Inputs - block_inputs));
        for (int panel = 0; panel + 1 < panels; panel += 2) input_block<G, 2>(a, w, input, panel);
        if (panels % 2 != 0) input_block<G, 1>(a, w, input, panels - 1);
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

  /// dx is computed in blocks of inputs, each some tiles of inputs (rows) times one or two panels of samples (lanes);
  /// what a block writes of a sample is whole cache lines.
  static constexpr int tile_inputs = registers == 32 ? 11 : 6;
  static constexpr int block_inputs = registers == 32 ? 32 : 48;

  /// dx of a block of inputs and the samples of N panels.
  template <class G, int N>
  static void input_block(const GroupArgs& a, const float* w, int input, int panel) {
    alignas(sizeof(V)) float block[block_inputs * N * lanes];  // inputs x samples
    const float* dz[N];
    for (int n = 0; n < N; ++n) dz[n] = panel_at(a, panel + n);
    constexpr int rows = std::min(block_inputs, (Inputs + lanes - 1) / lanes * lanes);
    for (int row = 0; row < rows; row += tile_inputs)
      input_tile<N>(w + std::int64_t{input} * Units, dz, std::min(row, block_inputs - tile_inputs), block);
    for (int n = 0; n < N; ++n) {
      const int sample = (panel + n) * lanes;
      for (int i = 0; i < rows; i += lanes)
        transpose(block + (i * N + n) * lanes, N * lanes, lanes,
                  a.input_gradient + sample * stride(G::input) + input + i, stride(G::input),
                  std::min(lanes, a.batch - sample));
    }
  }

  /// The tile from input `row` of a block on. Rows behind the last input repeat it.
  template <int N>
  [[gnu::noinline]] static void input_tile(const float* w, const float* const (&dz)[N], int row, float* block) {
    constexpr bool is_whole = Inputs >= block_inputs;
    Tile<tile_inputs, N> sums;
    for_tile<tile_inputs, N>([&](int m, auto n) STRATA_INLINE { sums.c[m][n] = V{}; });
    const float* q = w + std::int64_t{row} * Units;
    const int last_row = Inputs - 1 - row;
    multiply_add(
        sums, Units,
        [q, last_row](int m, int k)
            STRATA_INLINE { return q[(is_whole ? m : std::min<int>(m, last_row)) * Units + k]; },
        [&dz](int k, int n) STRATA_INLINE { return load(dz[n] + k * lanes); });
    for_tile<tile_inputs, N>([&](int m, auto n)
                                 STRATA_INLINE { store(block + ((row + m) * N + n) * lanes, sums.c[m][n]); });
  }

  static constexpr TileShape shape = choose_tile(Inputs, Units);
  static constexpr int unit_panels = (vectors + shape.vectors - 1) / shape.vectors;
  static constexpr int last = vectors - (unit_panels - 1) * shape.vectors;
  static constexpr int down = (Inputs + shape.rows - 1) / shape.rows;
  static constexpr int per_task = (down * unit_panels + 63) / 64;
  static constexpr int weight_tasks = (down * unit_panels + per_task - 1) / per_task;

  /// Samples summed between two visits of memory, so that what a tile reads of them stays in a core's cache while the
  /// neighbouring tiles read it.
  static constexpr int depth = registers == 32 ? 256 : 64;

  /// dw of M inputs times N vectors of units, summed over the samples [begin, end) in order.
  template <class G, int M, int N, int Tail>
  static void weight_tile(const GroupArgs& a, float* to, int input, int unit, int begin, int end) {
    float* at = to + std::int64_t{input} * Units + unit;
    Tile<M, N> sums;
    if (begin == 0)
      for_tile<M, N>([&](int m, auto n) STRATA_INLINE { sums.c[m][n] = V{}; });
    else
      for_tile<M, N>([&](int m, auto n) STRATA_INLINE {
        sums.c[m][n] = load<(n + 1 == N ? Tail : lanes)>(at + m * Units + n * lanes);
      });
    const float* x = a.input + begin * stride(G::input) + input;
    const float* d = a.output_gradient + begin * stride(G::output) + unit;
    multiply_add(
        sums, end - begin, [x](int m, int k) STRATA_INLINE { return x[k * stride(G::input) + m]; },
        [d](int k, int n) STRATA_INLINE { return load(d + k * stride(G::output) + n * lanes); });
    for_tile<M, N>([&](int m, auto n)
                       STRATA_INLINE { store<(n + 1 == N ? Tail : lanes)>(at + m * Units + n * lanes, sums.c[m][n]); });
  }

  /// The tiles of a task, all units of some inputs before the next ones, so that the inputs are read once.
  template <class G>
  static void weight_tiles(const GroupArgs& a, float* kernel, int task) {
    for (int begin = 0; begin < a.batch; begin += depth)
      for (int t = task * per_task; t < std::min((task + 1) * per_task, down * unit_panels); ++t) {
        const int panel = t % unit_panels, input = t / unit_panels * shape.rows, unit = panel * shape.vectors * lanes;
        const int end = std::min(a.batch, begin + depth);
        auto rows = [&](auto m) {
          if (unit_panels > 1 && panel + 1 < unit_panels)
            weight_tile<G, m, shape.vectors, lanes>(a, kernel, input, unit, begin, end);
          else
            weight_tile<G, m, last, tail>(a, kernel, input, unit, begin, end);
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
