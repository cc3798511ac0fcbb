// Every kernel of cuda/optimize.cuh, for tools/check_cuda.
//
// registers: optimize_kernel 64
#include <strata/cuda/optimize.cuh>
#include <strata/train/optimizer/adam.hpp>
#include <strata/train/optimizer/sgd.hpp>

void optimize_all(strata::cuda::OptimizerStep<strata::Adam>* adam, strata::cuda::OptimizerStep<strata::SGD>* sgd,
                  float* arena) {
  for (int slots = 0; slots < 2; ++slots) strata::cuda::optimize(nullptr, slots, sgd, arena, arena, arena, 16);
  strata::cuda::optimize(nullptr, 2, adam, arena, arena, arena, 16);
}
