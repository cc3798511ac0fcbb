// Softmax's kernels, for tools/check_cuda.
//
// registers: softmax_forward_kernel 40
// registers: softmax_backward_kernel 40
#include <cuda/run_group.hpp>
#include <strata/layers/softmax/cuda.cuh>

using namespace strata;

void run_all(const cuda::GroupArgs& a) {
  train_group<Vector<10>, Softmax<>>(a);
  train_group<Vector<1000>, Softmax<>>(a);
}
