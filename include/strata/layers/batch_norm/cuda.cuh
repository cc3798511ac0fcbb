// BatchNorm in training on a GPU.
//
//     mean = sum x / N,   variance = sum (x - mean)^2 / N,   r = 1 / sqrt(variance + epsilon),   h = (x - mean) r,
//     y = gamma h + beta
//     dbeta = sum dy,   dgamma = sum dy h,   dx = gamma r (dy - dbeta / N - h dgamma / N)
//
// over the N values of a channel in all samples.
//
// An image takes three launches each way: blocks sum over their rows (4 bytes read a value, 8 backward), the blocks'
// sums are merged in their order, and a pass reads x (backward dy too) again and writes. Forward that pass runs the
// layers behind, the pooling too; backward the first one does, or the pooling's own.
//
// A vector takes one launch each way: a block owns eight channels or so, 32 bytes of each sample, and finds them in the
// caches when it comes back to normalise.
#pragma once

#include <strata/cuda/passes.cuh>
#include <strata/layers/batch_norm/batch_norm.hpp>
#include <strata/layers/batch_norm/cuda_channels.hpp>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// gamma h + beta: where the passes behind find the values of this producer.
template <class S>
struct Normalised {
  static constexpr bool by_channel = true;
  const float *mean, *scale, *beta;

  template <int N>
  STRATA_DEVICE Packet<float, N> operator()(int index, Packet<float, N> x) const {
    const int c = index % S::channels;
    const Packet<float, N> m = load<N>(mean + c), s = load<N>(scale + c), b = load<N>(beta + c);
    STRATA_UNROLL
    for (int k = 0; k < N; ++k) x[k] = (x[k] - m[k]) * s[k] + b[k];
    return x;
  }
};

/// The moments of the rows that a block takes.
template <class S>
__global__ void __launch_bounds__(S::columns::threads) moments_kernel(NormArgs<S> n, const float* __restrict__ x) {
  using C = typename S::columns;
  Moments total{0, 0, 0};
  if (C::works())
    for (unsigned first = block_index().x * C::step; first < n.rows; first += grid_size().x * C::step)
      total.merge(measure<C>(x, first + C::row(), n.rows));
  total = merge_columns<C>(total);
  if (C::row() > 0 || !C::works()) return;
  *n.part(block_index().x, 0, C::channel()) = total.count;
  *n.part(block_index().x, 1, C::channel()) = total.mean;
  *n.part(block_index().x, 2, C::channel()) = total.squares;
}

/// The moments of all blocks.
template <class S>
__global__ void __launch_bounds__(S::merging::threads) merge_moments_kernel(NormArgs<S> n, unsigned blocks) {
  using C = typename S::merging;
  Moments total{0, 0, 0};
  if (C::works())
    for (unsigned b = C::row(); b < blocks; b += C::rows)
      total.merge({*n.part(b, 0, C::channel()), *n.part(b, 1, C::channel()), *n.part(b, 2, C::channel())});
  total = merge_columns<C>(total);
  if (C::row() == 0 && C::works()) n.note(C::channel(), total);
}

/// The sums of a step's rows, from `first` on: of what the layers behind make of dy, which takes dy's place.
template <class S, bool RunLayers>
STRATA_DEVICE GradientSums sum_step(const ChainArgs<typename S::group>& a, const NormArgs<S>& n, float* dy,
                                    const float* x, unsigned first) {
  using C = typename S::columns;
  constexpr unsigned rows = C::rows_of_thread;
  const int c = C::channel();
  const float mean = n.mean[c];
  float d[rows], v[rows], sum = 0, sum_of_x = 0;
  STRATA_UNROLL
  for (unsigned k = 0; k < rows; ++k)
    if (const unsigned r = first + k * C::rows; r < n.rows) {
      d[k] = dy[C::offset(r) + c];
      v[k] = x[C::offset(r) + c];
    }
  STRATA_UNROLL
  for (unsigned k = 0; k < rows; ++k)
    if (const unsigned r = first + k * C::rows; r < n.rows) {
      if constexpr (RunLayers) {
        d[k] = BeforeReduction<typename S::group>::backward(a, C::sample(r), C::pixel(r) * C::channels + c, d[k]);
        dy[C::offset(r) + c] = d[k];
      }
      sum += d[k];
      sum_of_x += d[k] * (v[k] - mean);
    }
  return {static_cast<double>(sum), static_cast<double>(sum_of_x)};
}

/// The sums of the rows that a block takes. Without a pooling the layers behind run here, in place.
template <class S>
__global__ void __launch_bounds__(S::columns::threads)
    gradient_sums_kernel(ChainArgs<typename S::group> a, NormArgs<S> n, float* dy, const float* __restrict__ x) {
  using C = typename S::columns;
  constexpr bool run_layers = S::layers_work && S::group::reduction < 0;
  GradientSums total{0, 0};
  if (C::works())
    for (unsigned first = block_index().x * C::step; first < n.rows; first += grid_size().x * C::step)
      total.merge(sum_step<S, run_layers>(a, n, dy, x, first + C::row()));
  total = merge_columns<C>(total);
  if (C::row() > 0 || !C::works()) return;
  *n.part(block_index().x, 0, C::channel()) = total.dy;
  *n.part(block_index().x, 1, C::channel()) = total.dy_x;
}

/// The sums of all blocks.
template <class S>
__global__ void __launch_bounds__(S::merging::threads) merge_gradient_sums_kernel(NormArgs<S> n, unsigned blocks) {
  using C = typename S::merging;
  GradientSums total{0, 0};
  if (C::works())
    for (unsigned b = C::row(); b < blocks; b += C::rows)
      total.merge({*n.part(b, 0, C::channel()), *n.part(b, 1, C::channel())});
  total = merge_columns<C>(total);
  if (C::row() == 0 && C::works()) n.note(C::channel(), total);
}

/// dx, from the sums.
template <class S>
__global__ void __launch_bounds__(256)
    norm_input_gradient_kernel(NormArgs<S> n, const float* __restrict__ dy, const float* __restrict__ x,
                               float* __restrict__ dx, unsigned batch) {
  using V = typename S::visit;
  const Part part = part_of_thread<V, 256>();
  if (part.sample >= batch) return;
  const std::int64_t at = part.sample * S::In::stride + part.first;
  const int c = part.first % S::channels;
  const auto d = load<V::width>(dy + at), v = load<V::width>(x + at);
  const auto mean = load<V::width>(n.mean + c), scale = load<V::width>(n.scale + c);
  const auto share = load<V::width>(n.share + c), share_of_x = load<V::width>(n.share_of_x + c);
  Packet<float, V::width> to;
  STRATA_UNROLL
  for (int k = 0; k < V::width; ++k) to[k] = (d[k] - share[k] - (v[k] - mean[k]) * share_of_x[k]) * scale[k];
  store(dx + at, to);
}

/// A vector's forward: a block measures its channels and comes back to normalise.
template <class S>
__global__ void __launch_bounds__(S::columns::threads)
    norm_vector_forward_kernel(ChainArgs<typename S::group> a, NormArgs<S> n, const float* __restrict__ x, float* out) {
  using C = typename S::columns;
  const int c = C::channel();
  Moments total{0, 0, 0};
  if (C::works())
    for (unsigned first = 0; first < n.rows; first += C::step) total.merge(measure<C>(x, first + C::row(), n.rows));
  total = merge_columns<C>(total);
  if (C::row() == 0 && C::works()) n.note(c, total);
  sync_block();
  if (!C::works()) return;
  const float mean = n.mean[c], scale = n.scale[c], beta = n.beta[c];
  for (unsigned r = C::row(); r < n.rows; r += C::rows)
    out[C::offset(r) + c] =
        BeforeReduction<typename S::group>::forward(a, r, c, (x[C::offset(r) + c] - mean) * scale + beta);
}

/// A vector's backward; dx is null where nobody wants it.
template <class S>
__global__ void __launch_bounds__(S::columns::threads)
    norm_vector_backward_kernel(ChainArgs<typename S::group> a, NormArgs<S> n, float* dy, const float* __restrict__ x,
                                float* __restrict__ dx) {
  using C = typename S::columns;
  const int c = C::channel();
  GradientSums total{0, 0};
  if (C::works())
    for (unsigned first = 0; first < n.rows; first += C::step)
      total.merge(sum_step<S, S::layers_work>(a, n, dy, x, first + C::row()));
  total = merge_columns<C>(total);
  if (C::row() == 0 && C::works()) n.note(c, total);
  sync_block();
  if (dx == nullptr || !C::works()) return;
  const float mean = n.mean[c], scale = n.scale[c], share = n.share[c], share_of_x = n.share_of_x[c];
  for (unsigned r = C::row(); r < n.rows; r += C::rows) {
    const std::int64_t at = C::offset(r) + c;
    dx[at] = (dy[at] - share - (x[at] - mean) * share_of_x) * scale;
  }
}

template <class... Options>
struct kernel<BatchNorm<Options...>> {
  template <class G>
  static constexpr Requirements requirements() {
    Requirements r = around_producer<G>();
    if constexpr (G::mode == Mode::training) {
      using S = NormSpec<G>;
      if (!pools_from_scratch<G>) r.forward_per_sample = 0;
      r.kept_fixed = 3 * S::row * 4;
      r.fixed = 2 * S::row * 4 + (S::by_channels ? 0 : 3 * S::row * 8 * S::most_blocks);
    }
    return r;
  }

  template <class G>
  static void forward(const GroupArgs& a) {
    using S = NormSpec<G>;
    const NormArgs<S> n(a);
    if constexpr (S::by_channels) {
      launch<norm_vector_forward_kernel<S>>(over_channels<S>(a, 1), ChainArgs<G>(a), n, a.input, a.output);
    } else {
      const unsigned blocks = blocks_for<S>(n.rows);
      launch<moments_kernel<S>>(over_channels<S>(a, blocks), n, a.input);
      launch<merge_moments_kernel<S>>(merging<S>(a), n, blocks);
      forward_from<G>(a, Normalised<S>{n.mean, n.scale, n.beta}, a.input);
    }
  }

  template <class G, bool InputGradient>
  static void backward(const GroupArgs& a) {
    using S = NormSpec<G>;
    const NormArgs<S> n(a);
    float* const dy = produced_gradient<G>(a);
    if constexpr (S::by_channels) {
      launch<norm_vector_backward_kernel<S>>(over_channels<S>(a, 1), ChainArgs<G>(a), n, dy, a.input,
                                             InputGradient ? a.input_gradient : nullptr);
    } else {
      if constexpr (G::reduction >= 0) backward_to_produced<G>(a);
      const unsigned blocks = blocks_for<S>(n.rows);
      launch<gradient_sums_kernel<S>>(over_channels<S>(a, blocks), ChainArgs<G>(a), n, dy, a.input);
      launch<merge_gradient_sums_kernel<S>>(merging<S>(a), n, blocks);
      if constexpr (InputGradient)
        launch<norm_input_gradient_kernel<S>>(launch_of<typename S::visit, 256>(a), n, static_cast<const float*>(dy),
                                              a.input, a.input_gradient, static_cast<unsigned>(a.batch));
    }
  }

 private:
  /// Blocks over the rows of a channel: the same for the same batch, whatever the GPU.
  template <class S>
  static unsigned blocks_for(unsigned rows) {
    const unsigned steps = (rows + S::columns::step - 1) / S::columns::step;
    return steps < S::most_blocks ? steps : S::most_blocks;
  }

  template <class S>
  static Launch over_channels(const GroupArgs& a, unsigned blocks) {
    return {.grid = {blocks, S::columns::panels}, .block = {S::columns::threads}, .stream = a.stream};
  }

  template <class S>
  static Launch merging(const GroupArgs& a) {
    return {.grid = {1, S::merging::panels}, .block = {S::merging::threads}, .stream = a.stream};
  }
};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
