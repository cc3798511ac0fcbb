// Every kernel of cuda/score.cuh, for tools/check_cuda.
//
// registers: score_kernel 64
// registers: cross_entropy_kernel 40
#include <strata/cuda/score.cuh>
#include <strata/losses.hpp>

using namespace strata;

template <class Loss>
void score_all(float* z, const cuda::LossArgs& args, const Loss& loss) {
  cuda::score<10, 16>(nullptr, 32, z, z, args, loss);
}
template void score_all(float*, const cuda::LossArgs&, const KLDivergence&);
template void score_all(float*, const cuda::LossArgs&, const MeanSquaredError&);
template void score_all(float*, const cuda::LossArgs&, const BinaryCrossEntropy&);
template void score_all(float*, const cuda::LossArgs&, const CrossEntropy&);
