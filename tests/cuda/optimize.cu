// Every kernel of cuda/optimize.cuh, for tools/check_cuda.
//
// registers: optimize_kernel 64
#include <strata/cuda/optimize.cuh>
#include <strata/train/optimizers.hpp>
#include <strata/train/schedule.hpp>

template <class Rule>
void optimize_all(strata::cuda::OptimizerStep<strata::detail::Scheduled<Rule>>* step, float* arena) {
  for (int slots = Rule::least_slots; slots <= Rule::most_slots; ++slots)
    strata::cuda::optimize(nullptr, slots, step, arena, arena, arena, 16);
}

using namespace strata;
template void optimize_all(cuda::OptimizerStep<detail::Scheduled<SGD>>*, float*);
template void optimize_all(cuda::OptimizerStep<detail::Scheduled<Adam>>*, float*);
template void optimize_all(cuda::OptimizerStep<detail::Scheduled<AdamW>>*, float*);
template void optimize_all(cuda::OptimizerStep<detail::Scheduled<Nadam>>*, float*);
template void optimize_all(cuda::OptimizerStep<detail::Scheduled<RMSprop>>*, float*);
template void optimize_all(cuda::OptimizerStep<detail::Scheduled<Adagrad>>*, float*);
template void optimize_all(cuda::OptimizerStep<detail::Scheduled<Adadelta>>*, float*);
template void optimize_all(cuda::OptimizerStep<detail::Scheduled<Averaged<Decayed<SGD>>>>*, float*);
