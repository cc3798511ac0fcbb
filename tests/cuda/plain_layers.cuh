// Layers whose kernels are as plain as can be, for tests of what runs kernels.
#pragma once

#include <strata/cuda/chain.cuh>
#include <strata/layers/dense/dense.hpp>

#include <array>

namespace cuda_test {

/// Dense under another name.
template <int Units>
struct PlainDense : strata::Dense<Units> {
  enum class error { none };
  static constexpr strata::Verdict output(strata::Shape in) { return strata::Dense<Units>::output(in).shape; }
};

/// Passes values on and counts, as its state, how often: what batch normalisation does to its running averages.
struct Ticks : strata::ProducerLayer {
  static constexpr const char* name = "ticks";
  static constexpr strata::Saves saves = strata::Saves::nothing;
  static constexpr strata::Verdict output(strata::Shape in) { return in; }
  static constexpr std::array<strata::Parameter, 1> parameters(strata::Shape) {
    return {{{.name = "ticks", .extents = {1}, .rank = 1, .trainable = false}}};
  }
};

/// One thread for each of `size` numbers, one row of blocks for each of `rows`.
inline strata::cuda::Launch rows_of(int size, int rows, strata::cuda::Stream stream) {
  return {
      .grid = {static_cast<unsigned>(size + 127) / 128, static_cast<unsigned>(rows)}, .block = {128}, .stream = stream};
}

template <class G>
struct PlainSpec {
  using group = G;
  static constexpr int inputs = static_cast<int>(G::input.size());
  static constexpr int units = static_cast<int>(G::produced.size());
  static constexpr std::int64_t in_stride = strata::cuda::stride(G::input);
  static constexpr std::int64_t out_stride = strata::cuda::stride(G::output);
};

STRATA_DEVICE int row_place() {
  return static_cast<int>(strata::cuda::block_index().x * 128 + strata::cuda::thread_index().x);
}

template <class S>
__global__ void plain_forward_kernel(strata::cuda::ChainArgs<typename S::group> chain, const float* x, const float* w,
                                     const float* bias, float* y) {
  const unsigned sample = strata::cuda::block_index().y;
  const int u = row_place();
  if (u >= S::units) return;
  float z = bias[u];
  for (int i = 0; i < S::inputs; ++i) z += x[sample * S::in_stride + i] * w[i * S::units + u];
  y[sample * S::out_stride + u] = strata::cuda::BeforeReduction<typename S::group>::forward(chain, sample, u, z);
}

template <class S>
__global__ void plain_chain_kernel(strata::cuda::ChainArgs<typename S::group> chain, float* dy) {
  const unsigned sample = strata::cuda::block_index().y;
  const int u = row_place();
  if (u >= S::units) return;
  float& d = dy[sample * S::out_stride + u];
  d = strata::cuda::BeforeReduction<typename S::group>::backward(chain, sample, u, d);
}

/// Row i of dw, and behind the last one db.
template <class S>
__global__ void plain_weights_kernel(const float* x, const float* dz, int batch, float* dw, float* db) {
  const int i = static_cast<int>(strata::cuda::block_index().y), u = row_place();
  if (u >= S::units) return;
  float sum = 0;
  for (int n = 0; n < batch; ++n) sum += (i < S::inputs ? x[n * S::in_stride + i] : 1) * dz[n * S::out_stride + u];
  (i < S::inputs ? dw + i * S::units : db)[u] = sum;
}

template <class S>
__global__ void plain_input_kernel(const float* dz, const float* w, float* dx) {
  const unsigned sample = strata::cuda::block_index().y;
  const int i = row_place();
  if (i >= S::inputs) return;
  float sum = 0;
  for (int u = 0; u < S::units; ++u) sum += dz[sample * S::out_stride + u] * w[i * S::units + u];
  dx[sample * S::in_stride + i] = sum;
}

template <class S>
__global__ void ticks_forward_kernel(const float* x, float* y, float* ticks) {
  const unsigned sample = strata::cuda::block_index().y;
  const int i = row_place();
  if (sample == 0 && i == 0) *ticks += 1;
  if (i < S::inputs) y[sample * S::out_stride + i] = x[sample * S::in_stride + i];
}

template <class S>
__global__ void ticks_backward_kernel(const float* dy, float* dx) {
  const unsigned sample = strata::cuda::block_index().y;
  const int i = row_place();
  if (i < S::inputs) dx[sample * S::in_stride + i] = dy[sample * S::out_stride + i];
}

}  // namespace cuda_test

namespace strata::cuda {
inline namespace STRATA_SIDE {

template <int Units>
struct kernel<cuda_test::PlainDense<Units>> {
  template <class G>
  static constexpr Requirements requirements() {
    return {};
  }

  template <class G>
  static void forward(const GroupArgs& a) {
    using S = cuda_test::PlainSpec<G>;
    launch<cuda_test::plain_forward_kernel<S>>(cuda_test::rows_of(S::units, a.batch, a.stream), ChainArgs<G>(a),
                                               a.input, a.tensor(0), a.tensor(1), a.output);
  }

  template <class G, bool InputGradient>
  static void backward(const GroupArgs& a) {
    using S = cuda_test::PlainSpec<G>;
    const float* const dz = a.output_gradient;
    if constexpr (G::size > 1)
      launch<cuda_test::plain_chain_kernel<S>>(cuda_test::rows_of(S::units, a.batch, a.stream), ChainArgs<G>(a),
                                               a.output_gradient);
    launch<cuda_test::plain_weights_kernel<S>>(cuda_test::rows_of(S::units, S::inputs + 1, a.stream), a.input, dz,
                                               a.batch, a.gradient(0), a.gradient(1));
    if constexpr (InputGradient)
      launch<cuda_test::plain_input_kernel<S>>(cuda_test::rows_of(S::inputs, a.batch, a.stream), dz, a.tensor(0),
                                               a.input_gradient);
  }
};

template <>
struct kernel<cuda_test::Ticks> {
  template <class G>
  static constexpr Requirements requirements() {
    return {};
  }

  template <class G>
  static void forward(const GroupArgs& a) {
    using S = cuda_test::PlainSpec<G>;
    launch<cuda_test::ticks_forward_kernel<S>>(cuda_test::rows_of(S::inputs, a.batch, a.stream), a.input, a.output,
                                               a.state + a.offsets[0]);
  }

  template <class G, bool InputGradient>
  static void backward(const GroupArgs& a) {
    using S = cuda_test::PlainSpec<G>;
    if constexpr (InputGradient)
      launch<cuda_test::ticks_backward_kernel<S>>(cuda_test::rows_of(S::inputs, a.batch, a.stream),
                                                  static_cast<const float*>(a.output_gradient), a.input_gradient);
  }
};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda

namespace strata::cpu {
inline namespace STRATA_ISA {

template <int Units>
struct kernel<cuda_test::PlainDense<Units>> : kernel<Dense<Units>> {};

}  // namespace STRATA_ISA
}  // namespace strata::cpu
