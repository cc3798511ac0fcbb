// The report of a wrong network: which mistake it has, as one type whose arguments are the message.
#pragma once

#include <strata/core/backend.hpp>
#include <strata/core/input.hpp>
#include <strata/plan/parameters.hpp>
#include <strata/plan/resolve.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace strata {
namespace detail {

/// Never true. Named for the compilers that print an assertion's condition.
template <auto Mistake>
inline constexpr bool absent = false;

/// Likewise.
template <class Layer, class Backend>
inline constexpr bool kernel_exists = false;

}  // namespace detail

/// What `Network` is where no such network can be; the compiler's message says why:
///
///     network_cannot_be_built<Place<2>, Conv<8, 5>, Conv<8, 5>::error::kernel_is_larger_than_its_input, Image<3, 3,
///     1>>
///
/// that is: at the second place of the Seq, Conv<8, 5>, whose kernel is larger than its input, is given 3 x 3 pixels of
/// one channel. `Place<0>` is the network's Input. Compilers print this class's arguments with the failed assertion,
/// and nvcc prints nothing else, so they are the facts and nothing more. All numbers of such a network are zero, and
/// everything it is handed to (Model, fit, predict, ...) does nothing, so that one mistake is one message.
template <class Where, class Layer, auto Why, class Given>
struct network_cannot_be_built {
  using layers = Seq<>;
  using input = Input<1>;
  static constexpr bool valid = false;

  using operations = detail::type_list<>;
  using resolution_type = detail::resolve<Seq<>, Shape::vector(1)>;
  static constexpr detail::Resolution<0> resolution{};
  static constexpr detail::ParameterPlan<0, 0> parameters{};

  static constexpr Shape input_shape = Shape::vector(1);
  static constexpr Shape output = Shape::vector(1);
  static constexpr int layer_count = 0;
  static constexpr std::int64_t parameter_count = 0;
  static constexpr std::int64_t trainable_count = 0;
  template <int I>
  static constexpr std::int64_t parameter_count_at = 0;
  static constexpr std::int64_t flops = 0;
  static constexpr std::int64_t training_flops = 0;

  template <Mode M, class Backend = Cpu<>>
  static constexpr int groups = 0;
  template <class Backend = Cpu<>>
  static constexpr std::size_t inference_bytes(int, int = 1) {
    return 0;
  }
  template <class Backend = Cpu<>, class Optimizer>
  static constexpr std::size_t training_bytes(int, const Optimizer&, int = 1) {
    return 0;
  }
  template <class Backend = Cpu<>, class Optimizer>
  static constexpr int max_batch(std::size_t, const Optimizer&, int = 1) {
    return 0;
  }

  // Stands last: clang drops what follows a failed assertion, and every name that is missed is one more error.
  static_assert(detail::absent<Why>, "wrong network: network_cannot_be_built<where, layer, why, given> says why");
};

/// What is reported where a layer of a network has no kernel for the backend: its place, the layer and the backend.
template <class Where, class Layer, class Backend>
struct layer_has_no_kernel {
  static_assert(
      detail::kernel_exists<Layer, Backend>,
      "no kernel: layer_has_no_kernel<where, layer, backend> says of what; specialise the backend's kernel<L>");
};

namespace detail {

/// Whether Net is a network that can be. It does not look into a wrong one, so that whoever asks does not stand between
/// the user's line and the error.
template <class Net>
inline constexpr bool is_valid = requires {
  requires bool(Net::valid);
};

template <class Where, class Layer, auto Why, class Given>
inline constexpr bool is_valid<network_cannot_be_built<Where, Layer, Why, Given>> = false;

/// Whether Net is a network at all.
template <class Net>
inline constexpr bool is_network = requires {
  Net::valid;
};

template <class Where, class Layer, auto Why, class Given>
inline constexpr bool is_network<network_cannot_be_built<Where, Layer, Why, Given>> = true;

template <class T>
concept is_input = requires {
  { T::output() } -> std::same_as<Verdict>;
  typename T::error;
  typename T::preprocessing;
};

/// The broken rule as an enumerator: of the layer's own `error`, of an option's, or of network_error.
template <int Reason, Fault Of, class Leaf>
constexpr auto why() {
  if constexpr (Of == Fault::of_network) {
    return static_cast<network_error>(Reason);
  } else if constexpr (Of == Fault::of_option) {
    return Leaf::option_check::option::of(Reason);
  } else {
    return static_cast<typename Leaf::error>(Reason);
  }
}

template <class Layers, class Resolved>
constexpr auto diagnose_layers() {
  constexpr int failed = Resolved::value.failed;
  if constexpr (failed < 0) {
    return type_tag<void>{};
  } else {
    using written = typename node<Layers>::template written<failed>;
    using given = shape_type_t<Resolved::value.shapes[static_cast<std::size_t>(failed)]>;
    constexpr auto rule =
        why<Resolved::value.reason, Resolved::value.fault, typename node<Layers>::template leaf<failed>>();
    return type_tag<network_cannot_be_built<type_at<1, written>, type_at<0, written>, rule, given>>{};
  }
}

/// The first mistake of `Layers` on `In` as a type_tag of network_cannot_be_built, or void where there is none.
template <class Layers, class In>
constexpr auto diagnose() {
  if constexpr (!is_input<In>) {
    return type_tag<network_cannot_be_built<Place<0>, In, network_error::second_argument_is_no_input, void>>{};
  } else {
    constexpr Verdict input = In::output();
    if constexpr (!input) {
      return type_tag<network_cannot_be_built<Place<0>, In, static_cast<typename In::error>(input.reason), void>>{};
    } else {
      using given = shape_type_t<input.shape>;
      constexpr int size = node<Layers>::size;
      if constexpr (size == 0)
        return type_tag<network_cannot_be_built<Place<>, Layers, network_error::is_empty, given>>{};
      else if constexpr (size > most_operations)
        return type_tag<
            network_cannot_be_built<Place<>, Layers, network_error::has_more_than_2048_operations, given>>{};
      else
        return diagnose_layers<Layers, resolve<Layers, input.shape>>();
    }
  }
}

}  // namespace detail
}  // namespace strata
