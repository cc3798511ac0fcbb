// MaxPool: the largest value of each window.
#pragma once

#include <strata/layers/pooling.hpp>

namespace strata {

/// y[h, w, c] = max over the window at (h * stride, w * stride) of x[.., .., c]. Where values are equal the first one,
/// row by row, is the one that gets the gradient.
///
/// Input: an image. Windows are P x P (or `kernel<H, W>`) and `Stride<N>` apart; the default stride is P, so that they
/// do not overlap, and pixels that fill no window are dropped. `Same` pads. Defaults are Keras' MaxPooling2D's.
template <auto P, class... Options>
struct MaxPool : detail::PoolingLayer<P, Options...> {
  static constexpr const char* name = "max_pool";

  /// Each output is a copy of one input.
  static constexpr bool selects = true;
};

}  // namespace strata

#include <strata/layers/max_pool/cpu.hpp>
#if defined(__CUDACC__)
#include <strata/layers/max_pool/cuda.cuh>
#endif
