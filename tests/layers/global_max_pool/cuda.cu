// GlobalMaxPool's kernels, for tools/check_cuda.
//
// registers: pool_forward_kernel 64
// registers: pool_gather_kernel 48
#include <cuda/run_group.hpp>
#include <strata/layers/global_max_pool/cuda.cuh>

using namespace strata;

void run_all(const cuda::GroupArgs& a) { train_group<Image<8, 8, 2048>, GlobalMaxPool>(a); }
