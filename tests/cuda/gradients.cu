// Every kernel of cuda/gradients.cuh, for tools/check_cuda.
//
// registers: squares_kernel 32
// registers: clip_kernel 32
// registers: accumulate_kernel 32
#include <strata/cuda/gradients.cuh>

void gradients_all(float* floats, double* parts) {
  strata::cuda::clip(nullptr, floats, 16, 1.0, parts, floats);
  strata::cuda::accumulate(nullptr, floats, floats, 0.5f, true, 16);
}
