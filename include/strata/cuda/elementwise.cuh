// Elementwise layers over values in memory.
//
// Each value is read, goes through the layers and is written: 8 bytes a value, and 4 for each value that is stored for
// backward or read from there. Backward may work in place.
#pragma once

#include <strata/cuda/chain.cuh>
#include <strata/cuda/visit.hpp>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// A producer that has made its values already: they are as they lie in memory. Others, such as batch normalisation's
/// affine map, make a value of the one in memory, and say `by_channel` where they look at its channel.
struct AsItIs {
  static constexpr bool by_channel = false;

  /// The values of a sample from `index` on.
  template <int N>
  STRATA_DEVICE Packet<float, N> operator()(int /*index*/, const Packet<float, N>& x) const {
    return x;
  }
};

/// The policy of a pass over values shaped as value I of the group: the layers that run, where values come from.
template <class G, int I, class L, class From>
struct ElementwiseSpec {
  using group = G;
  using In = Value<G, I>;
  using Layers = L;
  using Source = From;
  static constexpr unsigned threads = 256;
  static constexpr int width = neighbours(From::by_channel ? In::shape.channels : In::size, L::has_tensors);
  static constexpr std::int64_t stride = In::stride;
  using visit = Visit<In::size, width, L::is_positional>;
};

/// out = the layers of `source` of in.
template <class S>
__global__ void __launch_bounds__(S::threads)
    elementwise_forward_kernel(ChainArgs<typename S::group> a, typename S::Source source, const float* __restrict__ in,
                               float* __restrict__ out, unsigned batch) {
  using V = typename S::visit;
  const Part part = part_of_thread<V, S::threads>();
  if (part.sample >= batch) return;
  const std::int64_t sample = part.sample * S::stride;
  Packet<float, V::width> x[V::packets];
  STRATA_UNROLL
  for (int p = 0; p < V::packets; ++p)
    if (const int index = part.first + p * V::apart; index < V::size) x[p] = load<V::width>(in + sample + index);
  typename S::Layers::template Words<V::width> words;
  STRATA_UNROLL
  for (int p = 0; p < V::packets; ++p) {
    const int index = part.first + p * V::apart;
    if (index >= V::size) break;
    store(out + sample + index, S::Layers::forward(a, part.sample, index, source(index, x[p]), words));
  }
}

/// to = the gradient before the layers, from dy behind them; `to` may be dy.
template <class S>
__global__ void __launch_bounds__(S::threads)
    elementwise_backward_kernel(ChainArgs<typename S::group> a, const float* dy, float* to, unsigned batch) {
  using V = typename S::visit;
  const Part part = part_of_thread<V, S::threads>();
  if (part.sample >= batch) return;
  const std::int64_t sample = part.sample * S::stride;
  Packet<float, V::width> d[V::packets];
  STRATA_UNROLL
  for (int p = 0; p < V::packets; ++p)
    if (const int index = part.first + p * V::apart; index < V::size) d[p] = load<V::width>(dy + sample + index);
  typename S::Layers::template Words<V::width> words;
  STRATA_UNROLL
  for (int p = 0; p < V::packets; ++p) {
    const int index = part.first + p * V::apart;
    if (index >= V::size) break;
    store(to + sample + index, S::Layers::backward(a, part.sample, index, d[p], words));
  }
}

/// Runs the layers before the reduction, or all where there is none, on what `source` makes of `in`.
template <class G, class Source>
void elementwise_forward(const GroupArgs& a, const Source& source, const float* in, float* out) {
  using S = ElementwiseSpec<G, G::before, BeforeReduction<G>, Source>;
  launch<elementwise_forward_kernel<S>>(launch_of<typename S::visit, S::threads>(a), ChainArgs<G>(a), source, in, out,
                                        static_cast<unsigned>(a.batch));
}

/// Takes the gradient of the group's output back through Layers.
template <class G, class Layers>
void elementwise_backward(const GroupArgs& a, const float* dy, float* to) {
  using S = ElementwiseSpec<G, G::size, Layers, AsItIs>;
  launch<elementwise_backward_kernel<S>>(launch_of<typename S::visit, S::threads>(a), ChainArgs<G>(a), dy, to,
                                         static_cast<unsigned>(a.batch));
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
