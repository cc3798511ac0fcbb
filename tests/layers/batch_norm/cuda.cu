// BatchNorm's kernels, for tools/check_cuda.
//
// registers: moments_kernel 64
// registers: merge_moments_kernel 48
// registers: gradient_sums_kernel 64
// registers: merge_gradient_sums_kernel 48
// registers: norm_input_gradient_kernel 48
// registers: norm_vector_forward_kernel 64
// registers: norm_vector_backward_kernel 64
// registers: elementwise_forward_kernel 48
// registers: pool_forward_kernel 48
// registers: pool_spread_kernel 48
#include <cuda/run_group.hpp>
#include <strata/layers.hpp>
#include <strata/layers/batch_norm/cuda.cuh>
#include <strata/layers/max_pool/cuda.cuh>

using namespace strata;

void run_all(const cuda::GroupArgs& a) {
  train_group<Image<26, 26, 64>, BatchNorm<>, ReLU>(a);
  train_group<Image<5, 6, 3>, BatchNorm<>, LeakyReLU<8>, MaxPool<2>>(a);
  train_group<Vector<3200>, BatchNorm<>>(a);
  train_group<Vector<128>, BatchNorm<>, ReLU, Dropout<20>>(a);
}
