// What runs around a group's producer, and groups without one: elementwise layers and a pooling, over values in memory.
//
// A producer runs the layers before the pooling on its values while it has them in registers, and stores the result:
// behind it, `finish` launches nothing, or the pooling with the layers behind. Backward, `backward_to_produced` takes
// the gradient of the group's output to what the producer made.
//
// Without a producer the pooling itself runs the layers before it on the pixels of each window, as often as windows
// overlap. Where they store for backward, or draw random numbers, they go first and leave their values in scratch:
// 8 bytes a pixel more.
#pragma once

#include <strata/cuda/pooling.cuh>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// True where the layers before the pooling run by themselves, and leave their values in scratch.
template <class G>
inline constexpr bool pools_from_scratch = G::reduction >= 0 && G::works(G::before, G::reduction_or_end) &&
                                           (G::is_positional(G::before, G::reduction_or_end) || stores_pixels<G>);

/// What the layers around a producer want: scratch between it and the pooling in both directions, and what the pooling
/// keeps.
template <class G>
constexpr Requirements around_producer() {
  Requirements r;
  if constexpr (G::reduction >= 0) {
    r.forward_per_sample = strata::detail::sample_bytes(G::produced);
    if constexpr (G::mode == Mode::training) {
      r.backward_per_sample = strata::detail::sample_bytes(G::produced);
      r.kept_per_sample = Windows<G>::kept_of_sample;
    }
  }
  return r;
}

/// Where a producer writes its values, through the layers before the pooling.
template <class G>
float* produced(const GroupArgs& a) {
  return G::reduction < 0 ? a.output : reinterpret_cast<float*>(a.scratch);
}

/// What remains behind a producer that has run BeforeReduction<G>.
template <class G>
void finish(const GroupArgs& a) {
  if constexpr (G::reduction >= 0) pool_forward<G, false>(a, AsItIs{}, produced<G>(a));
}

/// Forward of a group whose producer is `source`, a function of each value in `in`.
template <class G, class Source>
void forward_from(const GroupArgs& a, const Source& source, const float* in) {
  if constexpr (G::reduction < 0 || pools_from_scratch<G>) {
    elementwise_forward<G>(a, source, in, produced<G>(a));
    finish<G>(a);
  } else {
    pool_forward<G, true>(a, source, in);
  }
}

/// Where the gradient of what the producer made goes: in place of the output's, or into scratch.
template <class G>
float* produced_gradient(const GroupArgs& a) {
  return G::reduction < 0 ? a.output_gradient : reinterpret_cast<float*>(a.scratch);
}

namespace detail {

/// The gradient of what the producer made, to `to`.
template <class G>
void backward_to(const GroupArgs& a, float* to) {
  if constexpr (G::reduction >= 0)
    pool_backward<G>(a, to);
  else if (G::works(G::before, G::size) || to != a.output_gradient)
    elementwise_backward<G, BeforeReduction<G>>(a, a.output_gradient, to);
}

}  // namespace detail

/// Writes produced_gradient<G>(a).
template <class G>
void backward_to_produced(const GroupArgs& a) {
  detail::backward_to<G>(a, produced_gradient<G>(a));
}

/// The kernels of a group that has no producer: its values are read from memory.
struct pass {
  template <class G>
  static constexpr Requirements requirements() {
    Requirements r = around_producer<G>();
    r.backward_per_sample = 0;  // it goes to the input's gradient at once
    if (!pools_from_scratch<G>) r.forward_per_sample = 0;
    return r;
  }

  template <class G>
  static void forward(const GroupArgs& a) {
    forward_from<G>(a, AsItIs{}, a.input);
  }

  template <class G, bool InputGradient>
  static void backward(const GroupArgs& a) {
    if constexpr (InputGradient) detail::backward_to<G>(a, a.input_gradient);
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

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
