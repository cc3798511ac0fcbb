// Every kernel of cuda/available.cuh, for tools/check_cuda.
//
// registers: probe_kernel 16
#include <strata/cuda/available.cuh>

bool works() { return static_cast<bool>(strata::cuda::look_for_device()); }
