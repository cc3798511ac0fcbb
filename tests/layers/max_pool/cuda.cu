// MaxPool's kernels, for tools/check_cuda.
//
// registers: pool_forward_kernel 64
// registers: pool_spread_kernel 64
// registers: pool_gather_kernel 48
#include <cuda/run_group.hpp>
#include <strata/layers/max_pool/cuda.cuh>

using namespace strata;

void run_all(const cuda::GroupArgs& a) {
  train_group<Image<26, 26, 32>, MaxPool<2>>(a);
  train_group<Image<11, 11, 3>, MaxPool<2>>(a);
  train_group<Image<40, 40, 2>, MaxPool<17>>(a);
  train_group<Image<12, 12, 64>, MaxPool<3, Same, Stride<2>>>(a);
}
