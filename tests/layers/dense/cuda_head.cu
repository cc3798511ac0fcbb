// Every kernel of layers/dense/cuda_head.cuh, for tools/check_cuda.
//
// registers: head_kernel 96
#include <strata/cuda/backend.cuh>
#include <strata/layers.hpp>
#include <strata/layers/dense/cuda_head.cuh>

using namespace strata;

template <int Inputs, class Layer>
void train(const cuda::GroupArgs& a, const cuda::LossArgs& loss) {
  using Head = cuda::DenseHead<GroupSpec<Cuda<>, Mode::training, Vector<Inputs>, Layer>>;
  Head::template train<true>(a, loss);
  Head::template train<false>(a, loss);
}

void train_all(const cuda::GroupArgs& a, const cuda::LossArgs& loss) {
  train<100, Dense<10>>(a, loss);
  train<256, Dense<32>>(a, loss);
  train<20, Dense<1, NoBias>>(a, loss);
}
