// GlobalMaxPool: the largest value of each channel.
#pragma once

#include <strata/layers/pooling.hpp>

namespace strata {

/// y[c] = max over h, w of x[h, w, c]. Where values are equal the first one, row by row, is the one that gets
/// the gradient.
///
/// Input: an image. Output: an image of one pixel, which Dense takes as it is and Flatten makes a vector.
struct GlobalMaxPool : detail::GlobalPoolingLayer {
  static constexpr const char* name = "global_max_pool";

  /// Each output is a copy of one input.
  static constexpr bool selects = true;
};

}  // namespace strata

#include <strata/layers/global_max_pool/cpu.hpp>
#if defined(__CUDACC__)
#include <strata/layers/global_max_pool/cuda.cuh>
#endif
