// Dense: a fully connected layer.
#pragma once

#include <strata/layers/layer.hpp>
#include <strata/layers/options.hpp>

namespace strata {

template <int Units, class... Options>
struct Dense;

namespace detail {

template <int Units>
struct bare_dense {
  template <class... Options>
  using with = Dense<Units, Options...>;
};

template <class... Options>
using dense_options =
    check_options<type_list<Options...>, OptionKind::activation, OptionKind::initializer, OptionKind::bias>;

}  // namespace detail

/// y[u] = bias[u] + sum over i of x[i] * kernel[i, u].
///
/// Input: a vector, or an image, which it flattens in the order of memory. Output: a vector of `Units` features.
/// Parameters: kernel (inputs, Units), bias (Units). Options, in any order: an activation layer (none, linear), an
/// initialiser (GlorotUniform; a bias begins at zero, except with TorchUniform), `NoBias`. Defaults are Keras' Dense's.
template <int Units, class... Options>
struct Dense : ProducerLayer,
               detail::with_activation<detail::bare_dense<Units>, detail::dense_options<Options...>, Options...> {
  /// Which options may stand here; the plan reports one that may not.
  using option_check = detail::dense_options<Options...>;

  static constexpr const char* name = "dense";
  static constexpr int units = Units;
  static constexpr bool has_bias =
      std::is_void_v<typename detail::pick_option<OptionKind::bias, void, Options...>::type>;

  /// Linear in its input, so that an affine layer beside it can become part of its parameters (model/fold.hpp).
  static constexpr bool is_linear = true;
  static constexpr bool takes_affine_input = true;
  using with_bias =
      typename detail::strip_option<OptionKind::bias, detail::bare_dense<Units>, detail::type_list<>, Options...>::type;

  enum class error { none, units_must_be_at_least_one, kernel_has_more_than_2147483647_elements };

  static constexpr Verdict output(Shape in) {
    if (Units < 1) return error::units_must_be_at_least_one;
    if (in.size() * Units > 2147483647) return error::kernel_has_more_than_2147483647_elements;
    return Shape::vector(Units);
  }

  static constexpr std::array<Parameter, has_bias ? 2 : 1> parameters(Shape in) {
    using FirstValues = typename detail::pick_option<OptionKind::initializer, GlorotUniform, Options...>::type;
    std::array<Parameter, has_bias ? 2 : 1> p{Parameter{.name = "kernel",
                                                        .extents = {static_cast<int>(in.size()), Units},
                                                        .rank = 2,
                                                        .initializer = FirstValues::value,
                                                        .fan_in = in.size(),
                                                        .fan_out = Units,
                                                        .decay = true}};
    if constexpr (has_bias)
      p[1] = Parameter{.name = "bias",
                       .extents = {Units},
                       .rank = 1,
                       .initializer = detail::bias_initializer<FirstValues>(),
                       .fan_in = in.size()};
    return p;
  }

  static constexpr auto attributes() { return std::array{Attribute{"units", Units}}; }

  static constexpr std::int64_t flops(Shape in) { return 2 * in.size() * Units; }
};

}  // namespace strata

#include <strata/layers/dense/cpu.hpp>
#if defined(__CUDACC__)
#include <strata/layers/dense/cuda.cuh>
#endif
