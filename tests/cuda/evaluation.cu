// Every kernel of cuda/evaluation.cuh, for tools/check_cuda. (The plain ones are the tests' own.)
//
// registers: load_kernel 40
// registers: cross_entropy_kernel 40
// registers: confusion_kernel 24
// registers: advance_kernel 40
// registers: plain_forward_kernel 64
#include <strata/cuda/evaluation.cuh>
#include <strata/layers/softmax/softmax.hpp>
#include <strata/plan/network.hpp>

#include <cuda/plain_layers.cuh>

using namespace strata;

struct Small : Seq<cuda_test::PlainDense<5>, Softmax<>> {};
using Net = Network<Small, Input<28, 28, 1>>;
using P = Plan<Net, Mode::inference, Cuda<Fp32>, LossOnLogits>;

cuda::Tally evaluate(const cuda::DeviceDataset<Net::input>& data, const float* arena, unsigned* confusion) {
  cuda::OwnedStream stream;
  return cuda::Evaluation<P>(stream, data, arena, 128).run({confusion, 25});
}
