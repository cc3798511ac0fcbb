// GlobalAvgPool on a GPU: avg_pool's kernels with one window.
//
// Forward a thread makes neighbouring channels of a sample, so that the batch's channels are all there is to share: few
// of them leave a large GPU idle. Backward a thread takes a pixel.
#pragma once

#include <strata/layers/avg_pool/cuda.cuh>
#include <strata/layers/global_avg_pool/global_avg_pool.hpp>

namespace strata::cuda {
inline namespace STRATA_SIDE {

template <>
struct kernel<GlobalAvgPool> : average_kernel {};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
