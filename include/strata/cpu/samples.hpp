// Groups run sample by sample: a producer fills one sample, the elementwise layers ride on its stores, and the pooling
// reads the sample while it is still in the core's cache.
#pragma once

#include <strata/cpu/chain.hpp>

#include <cstddef>

namespace strata::cpu {
inline namespace STRATA_ISA {

/// What the layers around the producer want.
template <class G>
constexpr Requirements around_producer() {
  Requirements r;
  if constexpr (G::reduction >= 0) {
    using Pooling = kernel<typename G::template operation<G::reduction>>;
    r.per_thread = strata::detail::sample_bytes(G::reduced_from) + 64;  // and a vector of slack
    if constexpr (G::mode == Mode::training) {
      r.kept_per_sample = Pooling::template kept_bytes<G::reduced_from>();
      r.backward_per_sample = strata::detail::sample_bytes(G::produced);
    }
  }
  return r;
}

/// Takes the producer's values of one sample, runs the elementwise layers and stores.
template <class G>
struct Sink {
  const GroupArgs& args;
  int sample;
  float* to;  ///< of this sample

  /// The vector of elements that begins at `index`, of which the first Lanes count.
  template <int Lanes>
  STRATA_INLINE void operator()(int index, V x, std::integral_constant<int, Lanes>) const {
    store<Lanes>(to + index, BeforeReduction<G>::template forward<Lanes>(args, sample, index, x));
  }
};

/// Runs `produce(sample, thread, sink)` for every sample and finishes the group behind it. The first bytes of a
/// thread's scratch, `around_producer<G>().per_thread`, are taken.
template <class G, class Produce>
void forward_samples(const GroupArgs& a, Produce produce) {
  a.pool->run(a.batch, [&](int sample, int thread) {
    float* output = a.output + sample * stride(G::output);
    if constexpr (G::reduction < 0) {
      produce(sample, thread, Sink<G>{a, sample, output});
    } else {
      using Pooling = kernel<typename G::template operation<G::reduction>>;
      float* scratch = a.scratch_of(thread);
      produce(sample, thread, Sink<G>{a, sample, scratch});
      constexpr auto kept_bytes = around_producer<G>().kept_per_sample;
      std::byte* kept = a.kept == nullptr
                            ? nullptr
                            : a.kept + sample * strata::detail::round_up(kept_bytes, strata::detail::line_bytes);
      Pooling::template forward<G::reduced_from>(scratch, kept, [&](int index, V x, auto count) STRATA_INLINE {
        store<count>(output + index, AfterReduction<G>::template forward<count>(a, sample, index, x));
      });
    }
  });
}

/// A shape as a value that is a type.
template <Shape S>
struct shape_constant {};

/// The gradient of what the producer made, for one sample, from the gradient of the group's output: through the
/// elementwise layers and the pooling, last to first. `to` is written; where there is no pooling it may be the output's
/// gradient itself.
template <class G>
void backward_sample(const GroupArgs& a, int sample, float* to) {
  float* dy = a.output_gradient + sample * stride(G::output);
  auto through = [&]<class C, Shape S>(C, shape_constant<S>, float* from, float* into) {
    for_elements<C, S>([&](int index, auto count) STRATA_INLINE {
      store<count>(into + index, C::template backward<count>(a, sample, index, load<count>(from + index)));
    });
  };
  constexpr BeforeReduction<G> before;
  constexpr AfterReduction<G> after;
  constexpr shape_constant<G::produced> full;
  constexpr bool works_before = G::works(G::before, G::reduction_or_end);
  if constexpr (G::reduction < 0) {
    if (works_before || to != dy) through(before, full, dy, to);
  } else {
    using Pooling = kernel<typename G::template operation<G::reduction>>;
    constexpr shape_constant<G::reduced> reduced;
    if constexpr (G::works(G::after, G::size)) through(after, reduced, dy, dy);
    if constexpr (works_before && G::backward_at_reduced) through(before, reduced, dy, dy);
    constexpr auto kept_bytes = around_producer<G>().kept_per_sample;
    Pooling::template backward<G::reduced_from>(
        dy, a.kept + sample * strata::detail::round_up(kept_bytes, strata::detail::line_bytes), to);
    if constexpr (works_before && !G::backward_at_reduced) through(before, full, to, to);
  }
}

/// Where the gradient of the producer's output goes: in place, or into the scratch that `around_producer` asked for.
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
    forward_samples<G>(a, [&](int sample, int, const auto& sink) {
      const float* from = a.input + sample * stride(G::input);
      for_elements<BeforeReduction<G>, G::produced>(
          [&](int index, auto count) STRATA_INLINE { sink(index, load<count>(from + index), count); });
    });
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
