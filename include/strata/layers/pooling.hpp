// What pooling layers share: windows, options and the rule of their shape.
#pragma once

#include <strata/layers/layer.hpp>
#include <strata/layers/options.hpp>
#include <strata/layers/window.hpp>

namespace strata::detail {

/// Base of pooling layers with windows of P x P pixels, or kernel<H, W>.
template <auto P, class... Options>
struct PoolingLayer : ReductionLayer {
  using option_check = check_options<type_list<Options...>, OptionKind::padding, OptionKind::stride>;

  static constexpr KernelSize size = kernel_size(P);
  static constexpr Padding padding = pick_option<OptionKind::padding, Pad<0>, Options...>::type::value;

  /// Stride<N>, or the window's height: a window that is not square wants its stride told.
  static constexpr int stride = pick_option<OptionKind::stride, Stride<kernel_size(P).height>, Options...>::type::value;

  enum class error {
    none,
    image_expected_but_a_vector_is_given,
    window_must_be_at_least_one_pixel,
    window_is_not_square_and_no_stride_is_given,
    stride_must_be_at_least_one,
    window_is_larger_than_its_input,
    padding_must_be_smaller_than_the_window,
    window_has_more_than_65535_pixels
  };

  /// The windows over an input.
  static constexpr Window window(Shape in) { return {size, stride, padding, in}; }

  static constexpr Verdict output(Shape in) {
    if (size.height < 1 || size.width < 1) return error::window_must_be_at_least_one_pixel;
    if (size.height != size.width && std::is_void_v<typename pick_option<OptionKind::stride, void, Options...>::type>)
      return error::window_is_not_square_and_no_stride_is_given;
    if (stride < 1) return error::stride_must_be_at_least_one;
    if (in.rank != 3) return error::image_expected_but_a_vector_is_given;
    if (!padding.is_smaller_than(size)) return error::padding_must_be_smaller_than_the_window;
    if (!padding.fits(size, in)) return error::window_is_larger_than_its_input;
    if (std::int64_t{size.height} * size.width > 65535) return error::window_has_more_than_65535_pixels;
    const Window w = window(in);
    return Shape::image(w.vertical.windows, w.horizontal.windows, in.channels);
  }

  static constexpr auto attributes() {
    return with_padding<padding>(Attribute{"window height", size.height}, Attribute{"window width", size.width},
                                 Attribute{"stride", stride});
  }
};

/// Base of poolings whose one window is the whole image.
struct GlobalPoolingLayer : ReductionLayer {
  enum class error { none, image_expected_but_a_vector_is_given };

  /// The window over an input.
  static constexpr Window window(Shape in) { return {{in.height, in.width}, 1, Padding{}, in}; }

  static constexpr Verdict output(Shape in) {
    if (in.rank != 3) return error::image_expected_but_a_vector_is_given;
    return Shape::image(1, 1, in.channels);
  }
};

}  // namespace strata::detail
