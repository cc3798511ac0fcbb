// Every kernel of cuda/pooling.cuh, for tools/check_cuda: with each layer in that layer's cuda.cu, here among others.
//
// registers: pool_forward_kernel 80
// registers: pool_spread_kernel 80
// registers: pool_gather_kernel 64
// registers: elementwise_forward_kernel 64
// registers: elementwise_backward_kernel 48
#include <cuda/run_group.hpp>
#include <strata/layers.hpp>
#include <strata/layers/max_pool/cuda.cuh>

using namespace strata;

void run_all(const cuda::GroupArgs& a) {
  train_group<Image<26, 26, 64>, LeakyReLU<8>, MaxPool<2>, Dropout<20>>(a);
  train_group<Image<8, 8, 20>, Dropout<50>, MaxPool<2>, ReLU>(a);
  train_group<Image<9, 9, 4>, ReLU, MaxPool<3, Stride<2>>, Dropout<20>>(a);
}
