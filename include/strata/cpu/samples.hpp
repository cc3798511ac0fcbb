// Groups run sample by sample: a producer fills one sample, the elementwise layers ride on its stores, and the pooling
// reads the sample while it is still in the core's cache.
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

/// Runs chain C on the rows [begin, end) of one sample's image of shape S, in place; element `offset` lies at `to`.
/// Nothing where the chain ran already.
template <class C, Shape S, Order O>
void run_behind(const GroupArgs& a, int sample, int begin, int end, float* to, int offset = 0) {
  if constexpr (runs_behind<C, O>) {
    typename C::Words words{};
    constexpr Shape row = S.rank == 3 ? Shape::image(1, S.width, S.channels) : S;
    for (int h = begin; h < end; ++h)
      for_elements<C, row>([&](int i, auto count) STRATA_INLINE {
        const int index = h * static_cast<int>(row.size()) + i;
        float* at = to + (index - offset);
        store<count>(at, C::template forward<count>(a, sample, index, load<count>(at), words));
      });
  }
}

/// What the pooling of one sample keeps from forward to backward.
template <class G>
std::byte* kept_of(const GroupArgs& a, int sample) {
  constexpr auto bytes = strata::detail::round_up(around_producer<G>().kept_per_sample, strata::detail::line_bytes);
  return a.kept == nullptr ? nullptr : a.kept + sample * bytes;
}

/// Rows of the image that a group makes, before any Flatten behind it.
template <class G>
inline constexpr int output_rows = G::reduction >= 0 ? G::reduced.height : G::produced.height;

/// Parts of a sample that threads share where a batch has too few samples for them. Parts are ranges of output rows;
/// who computes a row does not change it.
template <class G>
int parts_of_sample(const GroupArgs& a, std::int64_t flops) {
  if (a.pool->threads() == 1 || a.batch >= 2 * a.pool->threads() || flops < 4'000'000) return 1;
  return std::min(output_rows<G>, 4 * a.pool->threads() / a.batch);
}

/// Runs `produce(sample, thread, first_row, last_row, sink)` for rows of the produced image, all in all for the batch,
/// and finishes the group behind it. The first bytes of a thread's scratch, `around_producer<G>().per_thread`, are
/// taken. `parts` splits each sample; O is the order in which `produce` calls the sink.
template <class G, Order O = Order::by_elements, class Produce>
void forward_rows(const GroupArgs& a, int parts, Produce produce) {
  a.pool->run(a.batch * parts, [&](int task, int thread) {
    const int sample = task / parts, part = task % parts;
    float* output = a.output + sample * stride(G::output);
    const int begin = output_rows<G> * part / parts, end = output_rows<G> * (part + 1) / parts;
    if constexpr (G::reduction < 0) {
      produce(sample, thread, begin, end, sink_of<G, O>(a, sample, output));
      run_behind<BeforeReduction<G>, G::produced, O>(a, sample, begin, end, output);
    } else {
      using B = Band<G>;
      const PooledSink<G> pooled{a, sample, output, kept_of<G>(a, sample)};
      for (int row = begin; row < end; row += B::pooled_rows) {
        const int last = std::min(end, row + B::pooled_rows);
        const RowRange under = rows_under<typename B::layer, B::from>(row, last);
        float* scratch = a.scratch_of(thread);
        const int offset = under.begin * B::row_floats;
        produce(sample, thread, under.begin, under.end, sink_of<G, O>(a, sample, scratch, offset));
        run_behind<BeforeReduction<G>, G::produced, O>(a, sample, under.begin, under.end, scratch, offset);
        pool_rows<typename B::layer, B::from, G::mode == Mode::training>(scratch, under.begin, pooled.kept, row, last,
                                                                         pooled);
      }
    }
  });
}

/// forward_rows for producers that make a whole sample at once: `produce(sample, thread, sink)`.
template <class G, class Produce>
void forward_samples(const GroupArgs& a, Produce produce) {
  static_assert(!makes_rows<G>);
  forward_rows<G>(a, 1, [&](int sample, int thread, int, int, const auto& sink) { produce(sample, thread, sink); });
}

/// A shape as a value that is a type.
template <Shape S>
struct shape_constant {};

/// The gradient of pooled values of one sample, from index on, from the group's output back to the pooling or, where
/// that is enough, through the layers before it. Who asks by panels calls `run_back_first` before.
template <class G, Order O = Order::by_elements>
struct PooledGradient {
  static constexpr bool runs_before = G::backward_at_reduced && G::works(G::before, G::reduction_or_end);

  const GroupArgs& args;
  int sample;
  const float* dy;
  [[no_unique_address]] mutable typename AfterReduction<G>::Words words_after{};
  [[no_unique_address]] mutable typename BeforeReduction<G>::Words words_before{};

  template <int Lanes>
  STRATA_INLINE V operator()(int index, std::integral_constant<int, Lanes>) const {
    V d = load<Lanes>(dy + index);
    if constexpr (!runs_behind<AfterReduction<G>, O>)
      d = AfterReduction<G>::template backward<Lanes>(args, sample, index, d, words_after);
    if constexpr (runs_before) d = BeforeReduction<G>::template backward<Lanes>(args, sample, index, d, words_before);
    return d;
  }
};

/// Runs the layers behind the pooling backward on the gradient of one sample's output, in place, where a visit by
/// panels leaves them out.
template <class G>
void run_back_first(const GroupArgs& a, int sample) {
  using C = AfterReduction<G>;
  if constexpr (runs_behind<C, Order::by_panels>) {
    float* dy = a.output_gradient + sample * stride(G::output);
    typename C::Words words{};
    for_elements<C, G::reduced>([&](int index, auto count) STRATA_INLINE {
      store<count>(dy + index, C::template backward<count>(a, sample, index, load<count>(dy + index), words));
    });
  }
}

/// The gradient of what the producer made, for one sample, from the gradient of the group's output: through the
/// elementwise layers and the pooling, last to first. `to` is written; where there is no pooling it may be the output's
/// gradient itself.
template <class G>
void backward_sample(const GroupArgs& a, int sample, float* to) {
  const float* dy = a.output_gradient + sample * stride(G::output);
  constexpr bool works_before = G::works(G::before, G::reduction_or_end);
  [[maybe_unused]] typename BeforeReduction<G>::Words words_before{};
  auto through_before = [&]<Shape Part>(shape_constant<Part>, const float* from, int first) {
    for_elements<BeforeReduction<G>, Part>([&](int i, auto count) STRATA_INLINE {
      const int index = first + i;
      store<count>(to + index, BeforeReduction<G>::template backward<count>(a, sample, index, load<count>(from + index),
                                                                            words_before));
    });
  };
  if constexpr (G::reduction < 0) {
    if (works_before || to != dy) through_before(shape_constant<G::produced>{}, dy, 0);
  } else {
    using B = Band<G>;
    kernel<typename B::layer>::template backward<G::reduced_from>(kept_of<G>(a, sample), to,
                                                                  PooledGradient<G>{a, sample, dy});
    if constexpr (works_before && !G::backward_at_reduced) {
      // Where no window looks, forward made nothing that the layers could want, and the gradient is 0.
      constexpr Shape row = Shape::image(1, B::from.width, B::from.channels);
      for (int h = 0; h < B::from.height; ++h)
        if (is_seen<typename B::layer, B::from>(h)) through_before(shape_constant<row>{}, to, h * B::row_floats);
    }
  }
}

/// Where the gradient of the producer's output goes for the whole batch: in place, or into the scratch that
/// `around_producer` asked for.
template <class G>
float* produced_gradient(const GroupArgs& a) {
  return G::reduction < 0 ? a.output_gradient : reinterpret_cast<float*>(a.scratch);
}

/// backward_sample for the whole batch into produced_gradient.
template <class G>
void backward_samples(const GroupArgs& a) {
  if constexpr (G::reduction >= 0 || G::works(G::before, G::size)) {
    float* to = produced_gradient<G>(a);
    a.pool->run(a.batch, [&](int sample, int) { backward_sample<G>(a, sample, to + sample * stride(G::produced)); });
  }
}

/// The kernels of a group that has no producer: its input is read from memory.
struct pass {
  template <class G>
  static constexpr Requirements requirements() {
    return around_producer<G>();
  }

  template <class G>
  static void forward(const GroupArgs& a) {
    if constexpr (pools_input<G>) {
      a.pool->run(a.batch, [&](int sample, int) {
        const PooledSink<G> pooled{a, sample, a.output + sample * stride(G::output), kept_of<G>(a, sample)};
        pool_rows<typename Band<G>::layer, G::reduced_from, G::mode == Mode::training>(
            a.input + sample * stride(G::input), 0, pooled.kept, 0, G::reduced.height, pooled);
      });
    } else {
      forward_rows<G>(a, 1, [&](int sample, int, int first, int last, const auto& sink) {
        constexpr Shape s = G::produced;
        constexpr Shape row = s.rank == 3 ? Shape::image(1, s.width, s.channels) : s;
        const float* from = a.input + sample * stride(G::input);
        for (int h = first; h < last; ++h)
          for_elements<BeforeReduction<G>, row>([&](int i, auto count) STRATA_INLINE {
            const int index = h * static_cast<int>(row.size()) + i;
            sink(index, load<count>(from + index), count);
          });
      });
    }
  }

  template <class G, bool InputGradient>
  static void backward(const GroupArgs& a) {
    if constexpr (InputGradient)
      a.pool->run(a.batch, [&](int sample, int) {
        backward_sample<G>(a, sample, a.input_gradient + sample * stride(G::input));
      });
  }
};

/// The kernels that run group G.
template <class G>
struct kernel_of {
  using type = pass;
};

template <class G>
requires(G::producer >= 0) struct kernel_of<G> {
  using type = kernel<typename G::template operation<(G::producer < 0 ? 0 : G::producer)>>;
};

/// True where operation Op can run on this backend.
template <class Op>
constexpr bool has_kernel(Mode mode) {
  const Role role = Op::role(mode);
  if (role == Role::producer || role == Role::normaliser || role == Role::reduction) return requires {
      sizeof(kernel<Op>);
    };
  return true;
}

/// True where every operation of a list can run on this backend.
template <class... Ops>
constexpr bool have_kernels(strata::detail::type_list<Ops...>*, Mode mode) {
  return (true && ... && has_kernel<Ops>(mode));
}

/// Bytes of the packed parameters of G, a multiple of 64; 0 where its kernels take them as they are.
template <class G>
constexpr std::int64_t packed_bytes() {
  using K = typename kernel_of<G>::type;
  if constexpr (requires { K::template packed_bytes<G>(); })
    return K::template packed_bytes<G>();
  else
    return 0;
}

/// Bytes that the kernels of G want besides the plan's values.
template <class G>
constexpr Requirements requirements() {
  if constexpr (!have_kernels(static_cast<typename G::operations*>(nullptr), G::mode))
    return {};
  else
    return kernel_of<G>::type::template requirements<G>();
}

}  // namespace STRATA_ISA
}  // namespace strata::cpu
