// GlobalMaxPool on a GPU: max_pool's kernels with one window.
//
// Forward a thread makes neighbouring channels of a sample, so that the batch's channels are all there is to share: few
// of them leave a large GPU idle. Backward a thread takes a pixel.
#pragma once

#include <strata/layers/global_max_pool/global_max_pool.hpp>
#include <strata/layers/max_pool/cuda.cuh>

#include <cstdint>

namespace strata::cuda {
inline namespace STRATA_SIDE {

template <>
struct kernel<GlobalMaxPool> : maximum_kernel<std::int32_t> {};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
