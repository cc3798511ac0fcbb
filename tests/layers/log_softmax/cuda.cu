// LogSoftmax's kernels, for tools/check_cuda.
//
// registers: log_softmax_forward_kernel 40
// registers: log_softmax_backward_kernel 40
#include <cuda/run_group.hpp>
#include <strata/layers/log_softmax/cuda.cuh>

using namespace strata;

void run_all(const cuda::GroupArgs& a) {
  train_group<Vector<10>, LogSoftmax<>>(a);
  train_group<Vector<1000>, LogSoftmax<>>(a);
}
