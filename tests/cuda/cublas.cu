// cuda/cublas.cuh has no kernels of its own; this file sees that it compiles.
#include <strata/cuda/cublas.cuh>

void multiply(void* workspace, const float* a, float* c) {
  const strata::cuda::cublas::Product product(strata::cuda::cublas::Library::shared(),
                                              {.rows = 128,
                                               .columns = 512,
                                               .depth = 784,
                                               .a_stride = 784,
                                               .b_stride = 512,
                                               .c_stride = 512,
                                               .epilogue = strata::cuda::cublas::Epilogue::bias},
                                              strata::Tf32{});
  product.run(nullptr, workspace, a, a, c, c);
}
