// From a written network to the shapes at its edges, or to the first mistake in it. Everything here is a value: one
// record per distinct layer, and a flat walk over them.
#pragma once

#include <strata/core/input.hpp>
#include <strata/core/layer.hpp>
#include <strata/core/type_list.hpp>
#include <strata/plan/seq.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace strata {

/// Mistakes that belong to no single layer.
enum class network_error {
  none,
  is_empty,                                 ///< there is no layer
  has_more_than_2048_operations,            ///< see most_operations
  this_is_no_network,                       ///< Model<Layers> where Model<Network<Layers, In>> is meant
  second_argument_is_no_input,              ///< Network<Layers, In> where In is no Input
  this_is_no_layer,                         ///< an element of Seq does not meet the Layer concept
  repeat_count_is_below_one,                ///< Repeat<0, Block>
  learning_rate_is_below_zero,              ///< LearningRate<-1, Block>
  name_is_not_letters_digits_underscores,   ///< Named<"block/1", Block>: files take a tensor's name apart at the slash
  frozen_behind_a_layer_that_is_trained,    ///< Seq<Dense<8>, Frozen<Dense<8>>>: gradients would have to pass through
  output_has_an_extent_below_one,           ///< the layer's shape rule answers with a shape that holds nothing
  output_has_more_than_2147483647_elements  ///< one sample of this layer's output would not fit
};

namespace detail {

/// A layer as a value: what the plan may ask of it, erased to plain functions.
struct Operation {
  const char* name = "";
  Verdict (*output)(Shape) = nullptr;
  Role (*role)(Mode) = nullptr;
  std::int64_t (*flops)(Shape) = nullptr;
  void (*parameters)(Shape, Parameter*) = nullptr;
  int parameter_tensors = 0;
  Saves saves = Saves::nothing;
  const Attribute* attributes = nullptr;
  int attribute_count = 0;
  network_error error = network_error::none;  ///< set where the element is no layer at all
  int option_error = 0;                       ///< set where the layer was given an option it cannot take
};

template <Layer L>
inline constexpr auto attributes_of = L::attributes();

template <Layer L>
constexpr void write_parameters(Shape in, Parameter* to) {
  for (const Parameter& p : L::parameters(in)) *to++ = p;
}

template <class T>
inline constexpr Operation operation{.error = is_repeat<T>            ? network_error::repeat_count_is_below_one
                                              : is_trained_as_told<T> ? network_error::learning_rate_is_below_zero
                                              : is_named<T> ? network_error::name_is_not_letters_digits_underscores
                                                            : network_error::this_is_no_layer};

template <Layer L>
constexpr int option_error_of() {
  if constexpr (requires { L::option_check::reason; })
    return static_cast<int>(L::option_check::reason);
  else
    return 0;
}

template <Layer L>
inline constexpr Operation operation<L>{
    .name = L::name,
    .output = [](Shape in) { return L::output(in); },
    .role = [](Mode mode) { return L::role(mode); },
    .flops = [](Shape in) { return static_cast<std::int64_t>(L::flops(in)); },
    .parameters = &write_parameters<L>,
    .parameter_tensors = static_cast<int>(decltype(L::parameters(Shape{})){}.size()),
    .saves = L::saves,
    .attributes = attributes_of<L>.data(),
    .attribute_count = static_cast<int>(attributes_of<L>.size()),
    .option_error = option_error_of<L>()};

/// One operation with the values it reads and makes. A value is an edge of the network, known by its number: 0 is the
/// network's input. In a chain every operation reads one value; the second place is for branches.
struct PlannedOperation {
  const Operation* operation = nullptr;
  std::array<int, 2> inputs{-1, -1};
  int output = -1;
  int layer = 0;  ///< the written layer it belongs to, from 0
  Told told{};    ///< by the blocks around it

  /// Whether training leaves it as it is.
  constexpr bool is_frozen() const { return told.learning_rate == 0; }

  /// The mode in which it runs where the network runs in `mode`.
  constexpr Mode mode(Mode of_network) const { return is_frozen() ? Mode::inference : of_network; }
};

/// Whose rule is broken: the layer's, the network's, or that of an option.
enum class Fault { of_layer, of_network, of_option };

/// The walk's result. Everything behind the first mistake keeps empty shapes.
template <int N>
struct Resolution {
  std::array<PlannedOperation, static_cast<std::size_t>(N)> operations{};
  std::array<Shape, static_cast<std::size_t>(N) + 1> shapes{};  ///< by value
  int failed = -1;                                              ///< index of the operation at fault
  int reason = 0;                                               ///< the enumerator that tells why
  Fault fault = Fault::of_layer;                                ///< and the enum it belongs to
};

constexpr network_error check_extents(const Shape& s) {
  if (s.height < 1 || s.width < 1 || s.channels < 1) return network_error::output_has_an_extent_below_one;
  if (!fits_an_int(s.height, s.width, s.channels)) return network_error::output_has_more_than_2147483647_elements;
  return network_error::none;
}

/// Shape by shape along the chain, to its end or the first mistake.
template <int N>
constexpr Resolution<N> walk(const Operation* const* operations, const int* layers, const Told* told, Shape input) {
  Resolution<N> r;
  r.shapes[0] = input;
  bool is_trained = false;  // something before has parameters to train
  auto fail = [&r](int k, int reason, Fault fault) {
    r.failed = k;
    r.reason = reason;
    r.fault = fault;
    return r;
  };
  for (int k = 0; k < N; ++k) {
    const auto i = static_cast<std::size_t>(k);
    const Operation& op = *operations[k];
    if (op.error != network_error::none) return fail(k, static_cast<int>(op.error), Fault::of_network);
    if (op.option_error != 0) return fail(k, op.option_error, Fault::of_option);
    if (told[k].learning_rate == 0 && is_trained)
      return fail(k, static_cast<int>(network_error::frozen_behind_a_layer_that_is_trained), Fault::of_network);
    is_trained = is_trained || (told[k].learning_rate > 0 && op.parameter_tensors > 0);
    r.operations[i] = {&op, {k, -1}, k + 1, layers[k], told[k]};
    const Verdict verdict = op.output(r.shapes[i]);
    if (!verdict) return fail(k, verdict.reason, Fault::of_layer);
    const network_error size = check_extents(verdict.shape);
    if (size != network_error::none) return fail(k, static_cast<int>(size), Fault::of_network);
    r.shapes[i + 1] = verdict.shape;
  }
  return r;
}

/// The resolution of a written network for an input shape.
template <class Net, Shape Input, class Leaves = leaves<Net>>
struct resolve;

template <class Net, Shape Input, class... Ls>
struct resolve<Net, Input, type_list<Ls...>> {
  static constexpr int size = static_cast<int>(sizeof...(Ls));
  static constexpr Resolution<size> value = [] {
    const Operation* const operations[] = {&operation<Ls>..., nullptr};
    return walk<size>(operations, node<Net>::layer_of.data(), node<Net>::told_of.data(), Input);
  }();
};

}  // namespace detail
}  // namespace strata
