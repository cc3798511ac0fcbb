// Barriers: of a block and of a warp. Both order the memory accesses of the threads that meet.
#pragma once

#include <strata/cuda/machine.hpp>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// Waits until every thread of the block is here. All of them must come, and to the same line.
STRATA_DEVICE void sync_block([[maybe_unused]] Site site = STRATA_HERE) {
#if defined(__CUDACC__)
  __syncthreads();
#else
  machine::sync_block(site);
#endif
}

/// Waits until every lane in `lanes` is here. Shuffles and the other meetings of a warp order no memory: this does.
STRATA_DEVICE void sync_warp(unsigned lanes = all_lanes, [[maybe_unused]] Site site = STRATA_HERE) {
#if defined(__CUDACC__)
  __syncwarp(lanes);
#else
  machine::sync_warp(lanes, site);
#endif
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
