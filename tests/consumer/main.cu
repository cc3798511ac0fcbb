// A program of somebody else's that uses strata on a GPU. It runs where there is none, too: then it says so.
#include <strata/strata.hpp>

#include <strata/cuda/cublas.cuh>

#include <iostream>

static_assert(__cplusplus >= 202002L, "strata::cuda compiles CUDA as C++20");

int main() {
  const strata::cuda::Availability found = strata::cuda::look_for_device();
  std::cout << (found ? found.device.name : found.why_not) << "; cuBLASLt " << cublasLtGetVersion() << '\n';
  return 0;
}
