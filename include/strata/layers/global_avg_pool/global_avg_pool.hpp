// GlobalAvgPool: the average of each channel.
#pragma once

#include <strata/layers/pooling.hpp>

namespace strata {

/// y[c] = mean over h, w of x[h, w, c].
///
/// Input: an image. Output: an image of one pixel, which Dense takes as it is and Flatten makes a vector.
struct GlobalAvgPool : detail::GlobalPoolingLayer {
  static constexpr const char* name = "global_avg_pool";

  /// Each output mixes the inputs of its window.
  static constexpr bool selects = false;
};

}  // namespace strata

#include <strata/layers/global_avg_pool/cpu.hpp>
#if defined(__CUDACC__)
#include <strata/layers/global_avg_pool/cuda.cuh>
#endif
