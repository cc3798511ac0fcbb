// Conv on CUDA: forward, and the order of backward. Forward over one channel is in cuda_first.cuh, the input gradient
// in cuda_input.cuh, the weight gradient in cuda_weights.cuh. Over a few channels with a pooling behind, forward is in
// cuda_first_pooled.cuh and the weight gradient in cuda_first_gradients.cuh.
//
//     z[m, f] = bias[f] + sum over k of patch[m, k] kernel[k, f]      m: pixels of the batch, k: taps, f: filters
//
// An implicit product: the patches are read out of the image and stand nowhere in memory. A block reads the patches of
// 64 or 128 pixels, which overlap and come out of the caches but for the first time, and the kernel's columns; it
// writes each output once. The elementwise layers run on the sums in registers.
#pragma once

#include <strata/cuda/passes.cuh>
#include <strata/cuda/produced.hpp>
#include <strata/cuda/product.cuh>
#include <strata/layers/conv/conv.hpp>
#include <strata/layers/conv/cuda_first.cuh>
#include <strata/layers/conv/cuda_first_gradients.cuh>
#include <strata/layers/conv/cuda_first_pooled.cuh>
#include <strata/layers/conv/cuda_input.cuh>
#include <strata/layers/conv/cuda_patches.hpp>
#include <strata/layers/conv/cuda_weights.cuh>

#include <utility>

namespace strata::cuda {
inline namespace STRATA_SIDE {

template <int Filters, auto K, class... Options>
struct kernel<Conv<Filters, K, Options...>> {
  using layer = Conv<Filters, K, Options...>;

  template <class G>
  using numbers = conv_numbers<layer, G>;
  template <class G>
  using precision = typename G::backend::precision;
  template <class G>
  using weights = conv_weight_gradient<numbers<G>, precision<G>, layer::has_bias>;
  template <class G>
  using inputs = conv_input_gradient<numbers<G>, precision<G>>;

  template <class G>
  static constexpr bool loads_bytes = pools_by_window<layer, G>&& G::producer == 0;

  template <class G>
  static constexpr Requirements requirements() {
    Requirements r = around_producer<G>();
    if constexpr (pools_by_window<layer, G>) {
      r.forward_per_sample = 0;
      r.input_gradient_per_sample = std::exchange(r.backward_per_sample, 0);
      if (G::mode == Mode::training) r.fixed = first_gradient_bytes<layer, G>;
    } else if (G::mode == Mode::training) {
      r.fixed = weights<G>::bytes;
    }
    return r;
  }

  template <class G>
  static void forward(const GroupArgs& a) {
    if constexpr (pools_by_window<layer, G>)
      pooled_conv_forward<layer, G>(a);
    else
      forward_by_pixel<G>(a);
  }

  template <class G>
  static void forward_by_pixel(const GroupArgs& a) {
    using C = numbers<G>;
    constexpr int first = G::first_tensor(G::producer);
    const float* w = a.tensor(first);
    const ProducedValues<G> values{ChainArgs<G>(a), layer::has_bias ? a.tensor(first + layer::has_bias) : nullptr,
                                   produced<G>(a)};
    if constexpr (first_conv<C>::applies) {
      first_conv<C>::forward(a.stream, a.input, w, values, a.batch);
    } else {
      using kernel_columns = MatrixFactor<Along::lines, Filters, Filters>;
      using spec = ProductSpec<PixelLines<C>, kernel_columns, Filters, ProducedValues<G>, precision<G>,
                               product_tiles<std::int64_t{C::pixels} * 8, Filters>>;
      multiply<spec>(a.stream, {{a.input, a.batch}}, {w, C::taps}, values, a.batch * C::pixels, C::taps);
    }
    finish<G>(a);
  }

  template <class G, bool InputGradient>
  static void backward(const GroupArgs& a) {
    constexpr int first = G::first_tensor(G::producer);
    const float* dz = produced_gradient<G>(a);
    if constexpr (pools_by_window<layer, G>) {
      first_gradients<layer, G>(a);
      if constexpr (InputGradient) backward_to_produced<G>(a);
    } else {
      backward_to_produced<G>(a);
      weights<G>::run(a.stream, a.input, dz, a.gradient(first),
                      layer::has_bias ? a.gradient(first + layer::has_bias) : nullptr,
                      reinterpret_cast<float*>(a.fixed), a.batch);
    }
    if constexpr (InputGradient) inputs<G>::run(a.stream, dz, a.tensor(first), a.input_gradient, a.batch);
  }
};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
