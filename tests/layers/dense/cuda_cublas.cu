// Every kernel of layers/dense/cuda_cublas.cuh, for tools/check_cuda.
//
// registers: column_sums_kernel 32
// registers: elementwise_forward_kernel 48
// registers: elementwise_backward_kernel 48
#include <strata/cuda/backend.cuh>
#include <strata/layers.hpp>
#include <strata/layers/dense/cuda.cuh>

#include <cuda/run_group.hpp>

using namespace strata;

void run_all(const cuda::GroupArgs& a) {
  train_group<Image<7, 7, 512>, Flatten, Dense<4096, NoBias>, ReLU, Dropout<50>>(a);
  train_group<Vector<4096>, Dense<4096>, ReLU, Dropout<50>>(a);
  train_group<Vector<4096>, Dense<1000>>(a);
  run_group<Mode::inference, Vector<4096>, Dense<4096>, ReLU>(a);
}
