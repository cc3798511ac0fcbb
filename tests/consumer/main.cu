// A program of somebody else's that uses strata on a GPU, and in a .cpp beside it on the CPU. It runs where there is no
// GPU, too: then it says so.
#include "digits.hpp"

#include <strata/cuda/cublas.cuh>

#include <cmath>
#include <iostream>

static_assert(__cplusplus >= 202002L, "strata::cuda compiles CUDA as C++20");

int main() {
  const strata::cuda::Availability found = strata::cuda::look_for_device();
  std::cout << (found ? found.device.name : found.why_not) << "; cuBLASLt " << cublasLtGetVersion() << '\n';
  const std::array<float, 4> beside = output_beside();
  if (output(strata::Model<Net>{strata::seed(1)}) != beside) return 1;
  if (!found) return 0;
  const std::array<float, 4> on_gpu = output(strata::Model<Net, strata::Cuda<strata::Fp32>>{strata::seed(1)});
  for (std::size_t i = 0; i < on_gpu.size(); ++i)
    if (std::abs(on_gpu[i] - beside[i]) > 1e-5f) return 2;
  return 0;
}
