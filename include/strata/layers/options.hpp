// Options of layers: types behind the sizes, in any order, each at most once.
#pragma once

#include <strata/core/layer.hpp>
#include <strata/core/type_list.hpp>
#include <strata/layers/window.hpp>
#include <strata/plan/seq.hpp>

#include <array>
#include <concepts>
#include <type_traits>

namespace strata {

/// What an option sets. An option type says it by `static constexpr OptionKind option`; a layer used as an option (one
/// that says `is_activation`) sets the activation.
enum class OptionKind { padding, stride, activation, initializer, bias, momentum, epsilon };

/// What is wrong with an option by itself. An option whose numbers may make no sense says it by `fault`.
enum class OptionFault { none, has_numbers_below_one, has_numbers_below_zero, takes_one_two_or_four_numbers };

/// Padding with zeros so that the output has ceil(input / stride) pixels; the odd pixel goes to the bottom and the
/// right (Keras' padding="same"). Without it there is no padding ("valid").
struct Same {
  static constexpr OptionKind option = OptionKind::padding;
  static constexpr detail::Padding value{.same = true};
};

/// Padding with so many zeros: `Pad<N>` on every side, `Pad<H, W>` H rows at the top and the bottom and W columns on
/// the left and the right, `Pad<Top, Bottom, Left, Right>`. Fewer than the kernel has pixels, so that every window sees
/// some of the image. A maximum passes over them, and an average counts the image's pixels only.
template <int... N>
struct Pad {
  static constexpr OptionKind option = OptionKind::padding;
  static constexpr OptionFault fault = OptionFault::takes_one_two_or_four_numbers;
  static constexpr detail::Padding value{};
};

template <int Top, int Bottom, int Left, int Right>
struct Pad<Top, Bottom, Left, Right> {
  static constexpr OptionKind option = OptionKind::padding;
  static constexpr bool is_in_range = Top >= 0 && Bottom >= 0 && Left >= 0 && Right >= 0;
  static constexpr OptionFault fault = is_in_range ? OptionFault::none : OptionFault::has_numbers_below_zero;
  static constexpr detail::Padding value =
      is_in_range ? detail::Padding{false, Top, Bottom, Left, Right} : detail::Padding{};
};

template <int H, int W>
struct Pad<H, W> : Pad<H, H, W, W> {};

template <int N>
struct Pad<N> : Pad<N, N, N, N> {};

/// Steps of a window in pixels, the same for height and width.
template <int N>
struct Stride {
  static constexpr OptionKind option = OptionKind::stride;
  static constexpr int value = N;
};

/// A kernel drawn from uniform(-l, l), l = sqrt(6 / (fan_in + fan_out)): Keras' default, and strata's.
struct GlorotUniform {
  static constexpr OptionKind option = OptionKind::initializer;
  static constexpr Initializer value{Initializer::Kind::glorot_uniform, 0};
};

/// A kernel drawn from a normal distribution of deviation sqrt(2 / fan_in), truncated at two deviations (Keras).
struct HeNormal {
  static constexpr OptionKind option = OptionKind::initializer;
  static constexpr Initializer value{Initializer::Kind::he_normal, 0};
};

/// A kernel drawn from uniform(-l, l), l = sqrt(6 / fan_in) (Keras).
struct HeUniform {
  static constexpr OptionKind option = OptionKind::initializer;
  static constexpr Initializer value{Initializer::Kind::he_uniform, 0};
};

/// A kernel drawn from uniform(-l, l), l = Numerator / Denominator: `Uniform<1, 20>` is uniform(-0.05, 0.05).
template <int Numerator, int Denominator>
struct Uniform {
  static constexpr OptionKind option = OptionKind::initializer;
  static constexpr bool is_in_range = Numerator > 0 && Denominator > 0;
  static constexpr OptionFault fault = is_in_range ? OptionFault::none : OptionFault::has_numbers_below_one;
  static constexpr Initializer value{Initializer::Kind::uniform,
                                     is_in_range ? static_cast<double>(Numerator) / Denominator : 0};
};

/// A kernel and a bias drawn from uniform(-l, l), l = 1 / sqrt(fan_in): what PyTorch's Conv2d and Linear begin with
/// (Kaiming-uniform with a = sqrt(5)).
struct TorchUniform {
  static constexpr OptionKind option = OptionKind::initializer;
  static constexpr Initializer value{Initializer::Kind::torch_uniform, 0};
  static constexpr Initializer bias = value;
};

/// A kernel of zeros.
struct Zeros {
  static constexpr OptionKind option = OptionKind::initializer;
  static constexpr Initializer value{Initializer::Kind::zeros, 0};
};

/// A layer without its bias.
struct NoBias {
  static constexpr OptionKind option = OptionKind::bias;
};

/// Why an option is refused. `Option` is the option at fault.
template <class Option>
struct OptionOf {
  enum class error {
    none,
    does_not_belong_to_this_layer,
    is_given_twice,
    has_numbers_below_one,
    has_numbers_below_zero,
    takes_one_two_or_four_numbers
  };

  /// The enumerator of a number. It names each of them: clang and nvcc print those as numbers that nothing has named.
  static constexpr error of(int reason) {
    return reason == 1   ? error::does_not_belong_to_this_layer
           : reason == 2 ? error::is_given_twice
           : reason == 3 ? error::has_numbers_below_one
           : reason == 4 ? error::has_numbers_below_zero
           : reason == 5 ? error::takes_one_two_or_four_numbers
                         : error::none;
  }
};

namespace detail {

/// A layer says by `static constexpr bool is_activation = true` that it may be the option of another.
template <class T>
concept is_activation = Layer<T> && bool(T::is_activation);

/// What an option says is wrong with it, as a number.
template <class Option>
constexpr int fault_of() {
  if constexpr (requires { Option::fault; })
    return static_cast<int>(Option::fault);
  else
    return 0;
}

template <class Option>
constexpr int kind_of() {
  if constexpr (requires {
                  { Option::option } -> std::convertible_to<OptionKind>;
                })
    return static_cast<int>(Option::option);
  else if constexpr (is_activation<Option>)
    return static_cast<int>(OptionKind::activation);
  else
    return -1;
}

/// The first option that its layer cannot take, and why. `Accepted` are the kinds that the layer knows.
template <class Options, OptionKind... Accepted>
struct check_options;

template <class... Options, OptionKind... Accepted>
struct check_options<type_list<Options...>, Accepted...> {
  struct finding {
    int index = -1;
    int reason = 0;
  };
  static constexpr finding found = [] {
    const int kinds[] = {kind_of<Options>()..., -1};
    const int faults[] = {fault_of<Options>()..., 0};
    const int accepted[] = {static_cast<int>(Accepted)..., -2};
    for (int i = 0; i < static_cast<int>(sizeof...(Options)); ++i) {
      bool known = false;
      for (int a : accepted) known = known || a == kinds[i];
      if (!known) return finding{i, 1};
      for (int j = 0; j < i; ++j)
        if (kinds[j] == kinds[i]) return finding{i, 2};
      if (faults[i] != 0) return finding{i, 2 + faults[i]};
    }
    return finding{};
  }();
  static constexpr bool good = (found.index < 0);
  using option = OptionOf<type_at<(good ? 0 : found.index), type_list<Options..., void>>>;
  static constexpr int reason = found.reason;
};

/// The option of a kind, or Default.
template <OptionKind Kind, class Default, class... Options>
struct pick_option {
  using type = Default;
};

template <OptionKind Kind, class Default, class First, class... Rest>
struct pick_option<Kind, Default, First, Rest...>
    : std::conditional_t<kind_of<First>() == static_cast<int>(Kind), type_tag<First>,
                         pick_option<Kind, Default, Rest...>> {};

/// How a bias begins where the kernel's initialiser is I: as I says, else at zero.
template <class I>
constexpr Initializer bias_initializer() {
  if constexpr (requires { I::bias; })
    return I::bias;
  else
    return {};
}

/// `Bare::with<...>` of the options that are not of a kind.
template <OptionKind Kind, class Bare, class Kept, class... Options>
struct strip_option;

template <OptionKind Kind, class Bare, class... Kept>
struct strip_option<Kind, Bare, type_list<Kept...>> {
  using type = typename Bare::template with<Kept...>;
};

template <OptionKind Kind, class Bare, class... Kept, class First, class... Rest>
struct strip_option<Kind, Bare, type_list<Kept...>, First, Rest...>
    : strip_option<
          Kind, Bare,
          std::conditional_t<kind_of<First>() == static_cast<int>(Kind), type_list<Kept...>, type_list<Kept..., First>>,
          Rest...> {};

/// Attributes of a layer with windows, and its padding: by numbers where it is told so.
template <Padding P, class... A>
constexpr auto with_padding(A... attributes) {
  if constexpr (P.is_explicit())
    return std::array{attributes..., Attribute{"pad top", P.top}, Attribute{"pad bottom", P.bottom},
                      Attribute{"pad left", P.left}, Attribute{"pad right", P.right}};
  else
    return std::array{attributes..., Attribute{"same", P.same}};
}

/// Base of layers that take an activation as an option: `Conv<8, 3, ReLU>` is `Conv<8, 3>` and then `ReLU`.
/// `Bare::with` makes the layer of other options. Where an option is wrong the layer stays whole, so that the report
/// shows it as it was written.
template <class Bare, class Check, class... Options>
struct with_activation {};

template <class Bare, class Check, class... Options>
requires(Check::good &&
         !std::is_void_v<typename pick_option<OptionKind::activation, void,
                                              Options...>::type>) struct with_activation<Bare, Check, Options...> {
  using expansion = Seq<typename strip_option<OptionKind::activation, Bare, type_list<>, Options...>::type,
                        typename pick_option<OptionKind::activation, void, Options...>::type>;
};

}  // namespace detail
}  // namespace strata
