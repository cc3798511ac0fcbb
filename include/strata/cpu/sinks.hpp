// Where a producer's values go, vector by vector: through the elementwise layers into memory, or into the pooling.
#pragma once

#include <strata/cpu/chain.hpp>
#include <strata/cpu/pooling.hpp>

#include <algorithm>
#include <cstddef>

namespace strata::cpu {
inline namespace STRATA_ISA {

/// True where the producer of G makes single rows of its image: its kernel says `makes_rows = true`.
template <class G>
inline constexpr bool makes_rows = [] {
  if constexpr (G::producer < 0)
    return true;
  else
    return requires { kernel<typename G::template operation<(G::producer < 0 ? 0 : G::producer)>>::makes_rows; };
}();

/// The part of a sample that lies in a thread's scratch between producer and pooling: bands of pooled rows, as many as
/// a core's L2 cache holds beside what the producer reads there.
template <class G>
struct Band {
  using layer = typename G::template operation<(G::reduction < 0 ? 0 : G::reduction)>;
  static constexpr Shape from = G::reduced_from;
  static constexpr int row_floats = from.width * from.channels;
  static constexpr auto window = layer::window(from);

  /// Rows of `from` under n pooled rows in the middle of the image.
  static constexpr int rows_for(int n) { return std::min(from.height, (n - 1) * window.stride + window.kernel.height); }

  static constexpr int pooled_rows = [] {
    constexpr std::int64_t room = 256 * 1024;
    if (!makes_rows<G>) return G::reduced.height;
    int n = 1;
    while (n < G::reduced.height && std::int64_t{rows_for(n + 1)} * row_floats * 4 <= room) ++n;
    return n;
  }();

  static constexpr std::int64_t bytes =
      strata::detail::round_up(std::int64_t{rows_for(pooled_rows)} * row_floats * 4, strata::detail::line_bytes) + 64;
};

/// True where the elementwise layers before the pooling neither ask where their value sits nor leave anything to store,
/// so that a producer may pool in registers.
template <class G>
inline constexpr bool pools_in_registers = [] {
  if constexpr (G::reduction < 0) {
    return false;
  } else {
    return BeforeReduction<G>::is_plain && windows_tile<typename Band<G>::layer, G::reduced_from>;
  }
}();

/// True where the pooling of a group without producer may read the group's input.
template <class G>
inline constexpr bool pools_input = G::producer < 0 && G::reduction >= 0 && !G::works(G::before, G::reduction_or_end);

/// What the layers around the producer want.
template <class G>
constexpr Requirements around_producer() {
  Requirements r;
  if constexpr (G::reduction >= 0) {
    if (!pools_input<G>) r.per_thread = Band<G>::bytes;
    if constexpr (G::mode == Mode::training) {
      r.kept_per_sample = kernel<typename Band<G>::layer>::template kept_bytes<G::reduced_from>();
      r.backward_per_sample = strata::detail::sample_bytes(G::produced);
    }
  }
  return r;
}

/// How a producer hands over a sample: vector by vector in about their order, or panel by panel of its filters. By
/// panels, layers that ask for their place run behind it, over what it stored (`run_behind`): random words come by 64
/// neighbouring elements, and each panel would have them evaluated anew; and a place is worked out from an index.
enum class Order { by_elements, by_panels };

/// True where chain C is left to `run_behind`.
template <class C, Order O>
inline constexpr bool runs_behind = O == Order::by_panels&& C::is_positional;

/// Takes the producer's values of one sample, runs the elementwise layers and stores.
template <class G, Order O = Order::by_elements>
struct Sink {
  const GroupArgs& args;
  int sample;
  float* to;  ///< where element `offset` of the sample lies
  int offset = 0;
  [[no_unique_address]] mutable typename BeforeReduction<G>::Words words{};

  /// The vector of elements that begins at `index`, of which the first Lanes count.
  template <int Lanes>
  STRATA_INLINE void operator()(int index, V x, std::integral_constant<int, Lanes>) const {
    if constexpr (!runs_behind<BeforeReduction<G>, O>)
      x = BeforeReduction<G>::template forward<Lanes>(args, sample, index, x, words);
    store<Lanes>(to + (index - offset), x);
  }
};

/// Takes values of one sample, runs the elementwise layers Ops and stores, which is all that chains without a memory or
/// a place of their own ask for: the kernels are compiled once for all groups and plans that have these layers.
template <class Ops>
struct PlainSink;
template <class... Ops>
struct PlainSink<strata::detail::type_list<Ops...>> {
  float* to;  ///< where element `offset` of the sample lies
  int offset = 0;

  template <int Lanes>
  STRATA_INLINE void operator()(int index, V x, std::integral_constant<int, Lanes>) const {
    ((x = Ops::forward(x)), ...);
    store<Lanes>(to + (index - offset), x);
  }
};

/// Takes values and stores them.
using StoringSink = PlainSink<strata::detail::type_list<>>;

/// The sink of G's producer for one sample, whose element `offset` lies at `to`.
template <class G, Order O = Order::by_elements>
STRATA_INLINE inline auto sink_of(const GroupArgs& a, int sample, float* to, int offset = 0) {
  if constexpr (BeforeReduction<G>::is_plain)
    return PlainSink<decltype(elementwise_operations<G, G::before, G::reduction_or_end>(
        strata::detail::type_list<>{}))>{to, offset};
  else
    return Sink<G, O>{a, sample, to, offset};
}

/// Takes pooled values of one sample, runs the elementwise layers behind the pooling and stores.
template <class G, Order O = Order::by_elements>
struct PooledSink {
  const GroupArgs& args;
  int sample;
  float* to;
  std::byte* kept;
  [[no_unique_address]] mutable typename AfterReduction<G>::Words words{};

  using layer = typename Band<G>::layer;
  using Fold = typename kernel<layer>::template Fold<G::mode == Mode::training>;

  /// One value before the pooling, through the elementwise layers there.
  STRATA_INLINE V before(V x) const {
    if constexpr (G::reduces_first)
      return x;
    else
      return BeforeReduction<G>::template forward<lanes>(args, sample, 0, x);
  }

  /// The folded values of a whole window.
  template <int Lanes>
  STRATA_INLINE void operator()(int index, const Fold& fold, std::integral_constant<int, Lanes> count) const {
    if (G::mode == Mode::training && kept != nullptr) fold.template keep<Lanes>(kept, index);
    V x = fold.result(Band<G>::window.kernel.height * Band<G>::window.kernel.width);
    if constexpr (G::reduces_first) x = BeforeReduction<G>::template forward<Lanes>(args, sample, 0, x);
    (*this)(index, x, count);
  }

  template <int Lanes>
  STRATA_INLINE void operator()(int index, V x, std::integral_constant<int, Lanes>) const {
    if constexpr (!runs_behind<AfterReduction<G>, O>)
      x = AfterReduction<G>::template forward<Lanes>(args, sample, index, x, words);
    store<Lanes>(to + index, x);
  }
};

}  // namespace STRATA_ISA
}  // namespace strata::cpu
