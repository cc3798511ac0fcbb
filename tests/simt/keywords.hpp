// CUDA's keywords for compilers that do not know them. In front of a kernel's file it makes the kernel a function.
//
// There is no __shared__: kernels declare shared memory by strata::cuda::shared, which both sides know.
#pragma once

#if !defined(__CUDACC__)
#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __grid_constant__
#endif
