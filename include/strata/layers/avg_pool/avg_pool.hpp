// AvgPool: the average of each window.
#pragma once

#include <strata/layers/pooling.hpp>

namespace strata {

/// y[h, w, c] = mean over the window at (h * stride, w * stride) of x[.., .., c]. With padding the mean is over the
/// pixels of the image only, as in Keras (PyTorch's count_include_pad=False).
///
/// Input: an image. Windows are P x P (or `kernel<H, W>`) and `Stride<N>` apart; the default stride is P, so that they
/// do not overlap, and pixels that fill no window are dropped. `Same` and `Pad<...>` pad. Defaults are Keras'
/// AvgPooling2D's.
template <auto P, class... Options>
struct AvgPool : detail::PoolingLayer<P, Options...> {
  static constexpr const char* name = "avg_pool";

  /// Each output mixes the inputs of its window.
  static constexpr bool selects = false;
};

}  // namespace strata

#include <strata/layers/avg_pool/cpu.hpp>
#if defined(__CUDACC__)
#include <strata/layers/avg_pool/cuda.cuh>
#endif
