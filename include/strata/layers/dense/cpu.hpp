// Dense on the CPU: forward. The gradients are in cpu_gradients.hpp.
//
//     z = x w + b        x: batch x inputs, w: inputs x units, z: batch x units
//
// Every sum runs over the inputs in ascending order, one fused multiply-add each, whatever the batch: a sample's
// output does not depend on its neighbours.
#pragma once

#include <strata/cpu/microkernel.hpp>
#include <strata/cpu/samples.hpp>
#include <strata/layers/dense/cpu_gradients.hpp>
#include <strata/layers/dense/dense.hpp>

#include <algorithm>
#include <array>

namespace strata::cpu {
inline namespace STRATA_ISA {

template <int Units, class... Options>
struct kernel<Dense<Units, Options...>> {
  using layer = Dense<Units, Options...>;

  template <class G>
  static constexpr int inputs = static_cast<int>(G::input.size());

  template <class G>
  using gradients = dense_gradients<inputs<G>, Units, layer::has_bias>;

  template <class G>
  static constexpr Requirements requirements() {
    Requirements r;
    if (G::mode == Mode::training) {
      r.backward_per_sample = gradients<G>::bytes_per_sample;
      r.fixed = gradients<G>::fixed_bytes;
    }
    r.per_thread = std::max<std::int64_t>(inputs<G> * 4, packs ? depth * TilePanels::widest * lanes * 4 : 0);
    return r;
  }

  template <class G>
  static void forward(const GroupArgs& a) {
    constexpr int first = G::first_tensor(G::producer);
    const float* w = a.tensor(first);
    const float* bias = layer::has_bias ? a.tensor(first + layer::has_bias) : nullptr;
    if (a.batch < 4)
      rows<G>(a, w, bias);
    else
      tiles<G>(a, w, bias);
  }

  template <class G, bool InputGradient>
  static void backward(const GroupArgs& a) {
    constexpr int first = G::first_tensor(G::producer);
    gradients<G>::template run<G, InputGradient>(a, a.tensor(first), a.gradients + a.offsets[first],
                                                 a.gradients + a.offsets[first + layer::has_bias]);
  }

 private:
  static constexpr int vectors = (Units + lanes - 1) / lanes;
  static constexpr int tail = Units - (vectors - 1) * lanes;

  /// Vectors of units split into panels at most `Widest` wide, of nearly equal widths: the first ones have one more.
  template <int Widest>
  struct Panels {
    static constexpr int count = (vectors + Widest - 1) / Widest;
    static constexpr int narrow = vectors / count;
    static constexpr int wider = vectors % count;
    static constexpr int widest = narrow + (wider > 0);

    /// Calls f(first unit, vectors, lanes that count in the last one) for panel p; the latter two as constants.
    template <class F>
    static void call(int p, F f) {
      const int unit = (p * narrow + std::min(p, wider)) * lanes;
      if (wider > 0 && p < wider)
        f(unit, std::integral_constant<int, widest>{}, std::integral_constant<int, lanes>{});
      else if (count - wider > 1 && p + 1 < count)
        f(unit, std::integral_constant<int, narrow>{}, std::integral_constant<int, lanes>{});
      else
        f(unit, std::integral_constant<int, narrow>{}, std::integral_constant<int, tail>{});
    }
  };

  /// Batches: tiles of eight samples times two or three vectors of units; with few registers of six, or five where that
  /// leaves fewer rows of a tile unused.
  static constexpr int tile_samples = registers == 32 ? 8 : 6;
  using TilePanels = Panels<registers == 32 ? 3 : 2>;

  /// Where rows of the kernel do not begin at cache lines of 64 bytes, many vectors lie across two of them. With narrow
  /// vectors it pays to copy a panel first.
  static constexpr bool packs = lanes * 4 < 64 && Units * 4 % 64 != 0;

  /// Inputs summed between two visits of memory, so that a panel's part of the kernel stays in a core's cache while the
  /// samples go by.
  static constexpr int depth = packs ? 256 : 768;

  /// Floats from one row of a panel of N vectors to the next.
  template <int N>
  static constexpr int row_floats = packs ? N* lanes : Units;

  template <int N>
  static void pack(const float* w, int rows, float* to) {
    for (int k = 0; k < rows; ++k)
      for_tile<1, N>([&](int, auto n)
                         STRATA_INLINE { store(to + (k * N + n) * lanes, load(w + k * Units + n * lanes)); });
  }

  /// One tile of M samples, for the panel of units whose inputs from `begin` on lie at `w`; samples beyond `samples`
  /// repeat the last one and are dropped.
  template <class G, int M, int N, int Tail>
  static void tile(const GroupArgs& a, const float* w, const float* bias, int sample, int samples, int unit, int begin,
                   int end) {
    std::array<std::int64_t, M> row;
    for (int m = 0; m < M; ++m) row[static_cast<std::size_t>(m)] = std::min(m, samples - 1) * stride(G::input);
    float* z = a.output + sample * stride(G::output) + unit;
    Tile<M, N> sums;
    if (begin == 0)
      for_tile<M, N>([&](int m, auto n) STRATA_INLINE { sums.c[m][n] = bias ? load(bias + unit + n * lanes) : V{}; });
    else
      for_tile<M, N>([&](int m, auto n) STRATA_INLINE {
        sums.c[m][n] = load(z + std::min<int>(m, samples - 1) * stride(G::output) + n * lanes);
      });
    const float* x = a.input + sample * stride(G::input) + begin;
    multiply_add(
        sums, end - begin,
        [x, &row](int m, int k) STRATA_INLINE { return x[row[static_cast<std::size_t>(int{m})] + k]; },
        [w](int k, int n) STRATA_INLINE { return load(w + k * row_floats<N> + n * lanes); });
    for_tile<M, N>([&](int m, auto n) STRATA_INLINE {
      if (m < samples) store<(n + 1 == N ? Tail : lanes)>(z + m * stride(G::output) + n * lanes, sums.c[m][n]);
    });
    if (end == inputs<G>)
      for (int m = 0; m < samples; ++m) finish<G, N, Tail>(a, sample + m, unit);
  }

  /// Runs the elementwise layers on the sums of one sample and N vectors of units, which lie where the output goes.
  /// (Not while they are in registers: each layer's text would be there once for every register.)
  template <class G, int N, int Tail>
  static void finish(const GroupArgs& a, int sample, int unit) {
    constexpr bool stores_sums = G::stores(G::before);
    if constexpr (G::works(G::before, G::size) || stores_sums) {
      float* z = a.output + sample * stride(G::output);
      const auto sink = sink_of<G>(a, sample, z);
      STRATA_NOUNROLL
      for (int n = 0; n + 1 < N; ++n)
        sink(unit + n * lanes, load(z + unit + n * lanes), std::integral_constant<int, lanes>{});
      const int last = unit + (N - 1) * lanes;
      sink(last, load<Tail>(z + last), std::integral_constant<int, Tail>{});
    }
  }

  template <class G>
  static void tiles(const GroupArgs& a, const float* w, const float* bias) {
    // Who computes a tile does not change it, so the split may follow the batch and the threads.
    const int blocks = (a.batch + tile_samples - 1) / tile_samples;
    const int threads = a.pool->threads();
    const int wanted = threads == 1 ? 1 : (2 * threads + TilePanels::count - 1) / TilePanels::count;
    const int per_group = std::clamp(blocks / wanted, 1, 8);
    const int groups = (blocks + per_group - 1) / per_group;
    a.pool->run(groups * TilePanels::count, a.batch * layer::flops(G::input), [&](int task, int thread) {
      const int first = task / TilePanels::count * per_group * tile_samples;
      const int last = std::min(a.batch, first + per_group * tile_samples);
      TilePanels::call(task % TilePanels::count, [&](int unit, auto n, auto count) {
        for (int begin = 0; begin < inputs<G>; begin += depth) {
          const int end = std::min(inputs<G>, begin + depth);
          const float* panel = w + std::int64_t{begin} * Units + unit;
          if constexpr (packs) {
            pack<n>(panel, end - begin, a.scratch_of(thread));
            panel = a.scratch_of(thread);
          }
          for (int sample = first, samples; sample < last; sample += samples) {
            const int tiles_left = (last - sample + tile_samples - 1) / tile_samples;
            samples = (last - sample + tiles_left - 1) / tiles_left;
            if constexpr (registers < 32) {
              if (samples < tile_samples) {
                tile<G, tile_samples - 1, n, count>(a, panel, bias, sample, samples, unit, begin, end);
                continue;
              }
            }
            tile<G, tile_samples, n, count>(a, panel, bias, sample, samples, unit, begin, end);
          }
        }
      });
    });
  }

  /// A few samples, one by one: the kernel is read once, at the memory's speed, without the rows that a zero meets.
  /// (With a kernel of finite numbers that changes no output.) Several threads share the columns of a large kernel.
  template <class G>
  static void rows(const GroupArgs& a, const float* w, const float* bias) {
    constexpr bool is_large = std::int64_t{inputs<G>} * Units >= 65536;
    if (is_large && a.pool->threads() > 1)
      rows_of<G, Panels<is_large ? 4 : 8>>(a, w, bias);
    else
      rows_of<G, Panels<8>>(a, w, bias);
  }

  template <class G, class P>
  static void rows_of(const GroupArgs& a, const float* w, const float* bias) {
    a.pool->run(a.batch * P::count, [&](int task, int thread) {
      const int sample = task / P::count;
      const float* x = a.input + sample * stride(G::input);
      int* list = reinterpret_cast<int*>(a.scratch_of(thread));
      int listed = 0;
      for (int k = 0; k < inputs<G>; ++k) {
        list[listed] = k;
        listed += x[k] != 0.0f;
      }
      P::call(task % P::count, [&](int unit, auto vectors_of_panel, auto count) {
        constexpr int N = vectors_of_panel;
        Tile<1, N> sums;
        for_tile<1, N>([&](int, auto n) STRATA_INLINE { sums.c[0][n] = bias ? load(bias + unit + n * lanes) : V{}; });
        const float* q = w + unit;
        multiply_add(
            sums, listed, [x, list](int, int k) STRATA_INLINE { return x[list[k]]; },
            [q, list](int k, int n) STRATA_INLINE { return load(q + std::int64_t{list[k]} * Units + n * lanes); });
        float* z = a.output + sample * stride(G::output) + unit;
        for_tile<1, N>([&](int, auto n) STRATA_INLINE {
          store<(n + 1 == N ? static_cast<int>(count) : lanes)>(z + n * lanes, sums.c[0][n]);
        });
        finish<G, N, count>(a, sample, unit);
      });
    });
  }
};

}  // namespace STRATA_ISA
}  // namespace strata::cpu
