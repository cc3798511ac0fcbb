// MaxPool: the largest value of each window.
#pragma once

#include <strata/layers/pooling.hpp>

#include <cstdint>
#include <type_traits>

namespace strata {

/// y[h, w, c] = max over the window at (h * stride, w * stride) of x[.., .., c]. Where values are equal the first one,
/// row by row, is the one that gets the gradient.
///
/// Input: an image. Windows are P x P (or `kernel<H, W>`) and `Stride<N>` apart; the default stride is P, so that they
/// do not overlap, and pixels that fill no window are dropped. `Same` and `Pad<...>` pad: the frame is passed over.
/// Defaults are Keras' MaxPooling2D's.
template <auto P, class... Options>
struct MaxPool : detail::PoolingLayer<P, Options...> {
  static constexpr const char* name = "max_pool";

  /// Each output is a copy of one input.
  static constexpr bool selects = true;

  /// The winner's number in its window, row by row, in the narrowest integer that holds it.
  using Index = std::conditional_t<MaxPool::size.height * MaxPool::size.width <= 256, std::uint8_t, std::uint16_t>;
};

}  // namespace strata

#include <strata/layers/max_pool/cpu.hpp>
#if defined(__CUDACC__)
#include <strata/layers/max_pool/cuda.cuh>
#endif
