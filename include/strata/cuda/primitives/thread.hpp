// Which thread runs.
#pragma once

#include <strata/cuda/machine.hpp>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// The thread's place in its block.
STRATA_DEVICE Index thread_index() {
#if defined(__CUDACC__)
  return {threadIdx.x, threadIdx.y, threadIdx.z};
#else
  return machine::thread_index();
#endif
}

/// The block's place in the grid.
STRATA_DEVICE Index block_index() {
#if defined(__CUDACC__)
  return {blockIdx.x, blockIdx.y, blockIdx.z};
#else
  return machine::block_index();
#endif
}

/// Threads of a block.
STRATA_DEVICE Extent block_size() {
#if defined(__CUDACC__)
  return {blockDim.x, blockDim.y, blockDim.z};
#else
  return machine::block_size();
#endif
}

/// Blocks of the grid.
STRATA_DEVICE Extent grid_size() {
#if defined(__CUDACC__)
  return {gridDim.x, gridDim.y, gridDim.z};
#else
  return machine::grid_size();
#endif
}

/// The thread's number in its block: x runs fastest.
STRATA_DEVICE unsigned thread_rank() {
  const Index thread = thread_index();
  const Extent block = block_size();
  return thread.x + block.x * (thread.y + block.y * thread.z);
}

/// The thread's number in its warp.
STRATA_DEVICE unsigned lane() {
#if defined(__CUDACC__)
  unsigned number;
  asm("mov.u32 %0, %%laneid;" : "=r"(number));
  return number;
#else
  return thread_rank() % warp_size;
#endif
}

/// The warp's number in its block.
STRATA_DEVICE unsigned warp() { return thread_rank() / warp_size; }

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
