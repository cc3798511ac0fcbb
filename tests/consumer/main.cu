// A program of somebody else's that uses strata on a GPU. It runs where there is none, too: then it says so.
#include <strata/strata.hpp>

#include <strata/cuda/cublas.cuh>
#include <strata/cuda/runtime.hpp>

#include <iostream>

static_assert(__cplusplus >= 202002L, "strata::cuda compiles CUDA as C++20");

int main() {
  std::string why;
  const int count = strata::cuda::device_count(&why);
  std::cout << "GPUs: " << count << ' ' << why << ", cuBLASLt " << cublasLtGetVersion() << '\n';
  return count > 0 || !why.empty() ? 0 : 1;
}
