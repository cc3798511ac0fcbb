// The rate of this GPU's products, a line of JSON each: FLOP in a second of cuBLASLt's product of 8192 x 8192 x 8192,
// random numbers, in tf32 and in bf16. Exit status 77: there is no GPU.
#include <strata/cuda/cublas.cuh>
#include <strata/cuda/random.cuh>

#include "ceilings.cuh"

namespace {

using namespace strata;
using bench::print;
using bench::seconds;
using cuda::DeviceBuffer;
using cuda::Stream;

/// Random bits as numbers in (-2, -1] and [1, 2): floats, or pairs of bf16.
__global__ void make_numbers_kernel(unsigned* words, unsigned kept, unsigned one) {
  const std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  words[i] = (words[i] & kept) | one;
}

/// The seconds of a product of square matrices of `Type`, 8192 rows each.
double product(Stream stream, cudaDataType_t type, cublasComputeType_t compute, unsigned kept, unsigned one) {
  constexpr std::uint64_t n = 8192;
  const std::size_t words = n * n * (type == CUDA_R_32F ? 1 : 0) + n * n / 2 * (type == CUDA_R_32F ? 0 : 1);
  const DeviceBuffer<std::uint32_t> a(words, "a product"), b(words, "a product"), c(words, "a product"),
      step(1, "a product");
  cuda::check(cudaMemset(step.data(), 0, 4), "cudaMemset", "a product");
  unsigned sample = 0;
  for (const auto* m : {&a, &b}) {
    cuda::random_words(stream, {philox::Key(1)}, step.data(), sample++, 1, static_cast<unsigned>(words), m->data());
    make_numbers_kernel<<<static_cast<unsigned>(words / 256), 256, 0, stream>>>(m->data(), kept, one);
  }
  const cuda::cublas::Library library;
  using cuda::cublas::check;
  cublasLtMatmulDesc_t description = nullptr;
  cublasLtMatrixLayout_t layout = nullptr;
  cublasLtMatmulPreference_t preference = nullptr;
  check(cublasLtMatmulDescCreate(&description, compute, CUDA_R_32F), "cublasLtMatmulDescCreate", "a product");
  check(cublasLtMatrixLayoutCreate(&layout, type, n, n, n), "cublasLtMatrixLayoutCreate", "a product");
  check(cublasLtMatmulPreferenceCreate(&preference), "cublasLtMatmulPreferenceCreate", "a product");
  const std::uint64_t workspace_bytes = cuda::cublas::workspace_bytes;
  const DeviceBuffer<std::byte> workspace(workspace_bytes, "a product");
  check(cublasLtMatmulPreferenceSetAttribute(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &workspace_bytes,
                                             sizeof workspace_bytes),
        "cublasLtMatmulPreferenceSetAttribute", "a product");
  cublasLtMatmulHeuristicResult_t found{};
  int count = 0;
  check(cublasLtMatmulAlgoGetHeuristic(library.handle(), description, layout, layout, layout, layout, preference, 1,
                                       &found, &count),
        "cublasLtMatmulAlgoGetHeuristic", "a product");
  const float alpha = 1, beta = 0;
  const double time = seconds(stream, 10, [&](int times) {
    for (int i = 0; i < times; ++i)
      check(cublasLtMatmul(library.handle(), description, &alpha, a.data(), layout, b.data(), layout, &beta, c.data(),
                           layout, c.data(), layout, &found.algo, workspace.data(), workspace_bytes, stream),
            "cublasLtMatmul", "a product");
  });
  cublasLtMatmulPreferenceDestroy(preference);
  cublasLtMatrixLayoutDestroy(layout);
  cublasLtMatmulDescDestroy(description);
  return time;
}

void products(Stream stream) {
  constexpr double flops = 2.0 * 8192 * 8192 * 8192;
  print("tf32", flops / product(stream, CUDA_R_32F, CUBLAS_COMPUTE_32F_FAST_TF32, 0x807fffff, 0x3f800000), "FLOP/s");
  print("bf16", flops / product(stream, CUDA_R_16BF, CUBLAS_COMPUTE_32F, 0x807f807f, 0x3f803f80), "FLOP/s");
}

}  // namespace

int main() { return bench::measure_ceilings({products}); }
