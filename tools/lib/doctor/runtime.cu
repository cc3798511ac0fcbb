// CUDA's run time in its own words, and a kernel, run as strata's programs do before they take a GPU.
#include "ask.hpp"

#include <strata/cuda/available.cuh>

namespace doctor {

namespace calls = strata::cuda::calls;

Runtime ask_runtime() {
  Runtime runtime;
  runtime.asked = true;
  runtime.version = CUDART_VERSION;
  if (const calls::cudaError_t status = calls::cudaGetDeviceCount(&runtime.gpus); status != calls::cudaSuccess) {
    runtime.gpus = 0;
    runtime.problem = calls::cudaGetErrorString(status);
    static_cast<void>(calls::cudaGetLastError());
  } else if (runtime.gpus > 0) {
    runtime.kernel = strata::cuda::look_for_device().why_not;
  }
  return runtime;
}

}  // namespace doctor
