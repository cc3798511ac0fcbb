// CUDA's run time, asked by the function that the library itself asks.
#include "ask.hpp"

#include <strata/cuda/runtime/device.hpp>

namespace doctor {

Runtime ask_runtime() {
  Runtime runtime;
  runtime.asked = true;
  runtime.version = CUDART_VERSION;
  runtime.gpus = strata::cuda::device_count(&runtime.problem);
  return runtime;
}

}  // namespace doctor
