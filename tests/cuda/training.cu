// Every kernel of cuda/training.cuh, for tools/check_cuda. (The plain ones are the tests' own.)
//
// registers: load_kernel 40
// registers: cross_entropy_kernel 40
// registers: optimize_kernel 64
// registers: advance_kernel 64
// registers: augment_kernel 64
// registers: squares_kernel 32
// registers: clip_kernel 32
// registers: accumulate_kernel 32
// registers: plain_forward_kernel 64
// registers: plain_chain_kernel 40
// registers: plain_weights_kernel 64
// registers: plain_input_kernel 64
#include <strata/cuda/training.cuh>
#include <strata/layers/dropout/dropout.hpp>
#include <strata/layers/relu/relu.hpp>
#include <strata/layers/softmax/softmax.hpp>
#include <strata/plan/network.hpp>
#include <strata/train/optimizer/adam.hpp>

#include <cuda/plain_layers.cuh>

using namespace strata;

struct Small : Seq<cuda_test::PlainDense<20>, ReLU, Dropout<20>, cuda_test::PlainDense<5>, Softmax<>> {};
using Net = Network<Small, Input<28, 28, 1>>;
using P = Plan<Net, Mode::training, Cuda<Fp32>, LossOnLogits>;

cuda::Tally train(const cuda::DeviceDataset<Net::input>& data) {
  cuda::Training<P, Adam> training(data, Adam{}, 42, {.batch = 128});
  training.begin_epoch(0, 0);
  training.run(training.full_steps());
  return training.tally();
}
