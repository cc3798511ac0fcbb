// Conv: two-dimensional convolution.
#pragma once

#include <strata/layers/layer.hpp>
#include <strata/layers/options.hpp>
#include <strata/layers/window.hpp>

#include <algorithm>

namespace strata {

template <int Filters, auto K, class... Options>
struct Conv;

namespace detail {

template <int Filters, auto K>
struct bare_conv {
  template <class... Options>
  using with = Conv<Filters, K, Options...>;
};

template <class... Options>
using conv_options = check_options<type_list<Options...>, OptionKind::padding, OptionKind::stride,
                                   OptionKind::activation, OptionKind::initializer, OptionKind::bias>;

}  // namespace detail

/// Convolution with `Filters` kernels of K x K pixels (or `kernel<H, W>`), over height and width, summing over all
/// input channels, plus a bias.
///
///     y[h, w, f] = bias[f] + sum over i, j, c of x[h * stride + i - pad, w * stride + j - pad, c] * kernel[i, j, c, f]
///
/// A cross-correlation, as everywhere in the field. Input: an image H x W x C. Output: an image of Filters channels.
/// Parameters: kernel (K, K, C, Filters), bias (Filters). Options, in any order: `Same` or `Pad<...>` (default: valid,
/// no padding), `Stride<N>` (1), an activation layer (none, linear), an initialiser (GlorotUniform; a bias begins at
/// zero, except with TorchUniform), `NoBias`. Defaults are Keras' Conv2D's.
template <int Filters, auto K, class... Options>
struct Conv : ProducerLayer,
              detail::with_activation<detail::bare_conv<Filters, K>, detail::conv_options<Options...>, Options...> {
  /// Which options may stand here; the plan reports one that may not.
  using option_check = detail::conv_options<Options...>;

  static constexpr const char* name = "conv";
  static constexpr int filters = Filters;
  static constexpr KernelSize size = detail::kernel_size(K);
  static constexpr int stride = detail::pick_option<OptionKind::stride, Stride<1>, Options...>::type::value;
  static constexpr detail::Padding padding = detail::pick_option<OptionKind::padding, Pad<0>, Options...>::type::value;
  static constexpr bool has_bias =
      std::is_void_v<typename detail::pick_option<OptionKind::bias, void, Options...>::type>;

  /// Linear in its input, so that an affine layer beside it can become part of its parameters (model/fold.hpp). With
  /// padding one in front cannot: the zeros of the frame would have to be shifted as well.
  static constexpr bool is_linear = true;
  static constexpr bool takes_affine_input = !padding.any();
  using with_bias = typename detail::strip_option<OptionKind::bias, detail::bare_conv<Filters, K>, detail::type_list<>,
                                                  Options...>::type;

  enum class error {
    none,
    image_expected_but_a_vector_is_given,
    filters_must_be_at_least_one,
    kernel_must_be_at_least_one_pixel,
    stride_must_be_at_least_one,
    kernel_is_larger_than_its_input,
    padding_must_be_smaller_than_the_kernel,
    kernel_has_more_than_2147483647_elements
  };

  /// The window over an input.
  static constexpr detail::Window window(Shape in) { return {size, stride, padding, in}; }

  static constexpr Verdict output(Shape in) {
    if (Filters < 1) return error::filters_must_be_at_least_one;
    if (size.height < 1 || size.width < 1) return error::kernel_must_be_at_least_one_pixel;
    if (stride < 1) return error::stride_must_be_at_least_one;
    if (in.rank != 3) return error::image_expected_but_a_vector_is_given;
    if (!padding.is_smaller_than(size)) return error::padding_must_be_smaller_than_the_kernel;
    if (!padding.fits(size, in)) return error::kernel_is_larger_than_its_input;
    const std::int64_t most = 2147483647;
    if (std::int64_t{size.height} * size.width > most / in.channels / std::max(Filters, 1))
      return error::kernel_has_more_than_2147483647_elements;
    const detail::Window w = window(in);
    if (std::int64_t{w.vertical.windows} * w.horizontal.windows > most)
      return error::kernel_has_more_than_2147483647_elements;
    return Shape::image(w.vertical.windows, w.horizontal.windows, Filters);
  }

  static constexpr std::array<Parameter, has_bias ? 2 : 1> parameters(Shape in) {
    const std::int64_t area = std::int64_t{size.height} * size.width;
    using FirstValues = typename detail::pick_option<OptionKind::initializer, GlorotUniform, Options...>::type;
    std::array<Parameter, has_bias ? 2 : 1> p{Parameter{.name = "kernel",
                                                        .extents = {size.height, size.width, in.channels, Filters},
                                                        .rank = 4,
                                                        .initializer = FirstValues::value,
                                                        .fan_in = area * in.channels,
                                                        .fan_out = area * Filters,
                                                        .decay = true}};
    if constexpr (has_bias)
      p[1] = Parameter{.name = "bias",
                       .extents = {Filters},
                       .rank = 1,
                       .initializer = detail::bias_initializer<FirstValues>(),
                       .fan_in = area * in.channels};
    return p;
  }

  static constexpr auto attributes() {
    return detail::with_padding<padding>(Attribute{"filters", Filters}, Attribute{"kernel height", size.height},
                                         Attribute{"kernel width", size.width}, Attribute{"stride", stride});
  }

  static constexpr std::int64_t flops(Shape in) {
    const Shape out = output(in).shape;
    return 2 * out.size() * size.height * size.width * in.channels;
  }
};

}  // namespace strata

#include <strata/layers/conv/cpu.hpp>
#if defined(__CUDACC__)
#include <strata/layers/conv/cuda.cuh>
#endif
