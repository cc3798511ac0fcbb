// Groups run sample by sample: a producer fills one sample, the elementwise layers ride on its stores, and the pooling
// reads the sample while it is still in the core's cache.
#pragma once

#include <strata/cpu/sinks.hpp>

#include <algorithm>
#include <cstddef>

namespace strata::cpu {
inline namespace STRATA_ISA {

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
