// Every kernel of cuda/prediction.cuh, for tools/check_cuda. (The plain ones are the tests' own.)
//
// registers: load_kernel 40
// registers: plain_forward_kernel 64
#include <strata/cuda/prediction.cuh>
#include <strata/layers/relu/relu.hpp>
#include <strata/plan/network.hpp>

#include <cuda/plain_layers.cuh>

using namespace strata;

struct Small : Seq<cuda_test::PlainDense<20>, ReLU> {};
using P = Plan<Network<Small, Input<28, 28, 1>>, Mode::inference, Cuda<Fp32>>;

void predict(std::span<const float> floats, std::span<const std::uint8_t> bytes, const float* arena, float* to) {
  const cuda::OwnedStream stream;
  cuda::Prediction<P> prediction(stream, arena, 32);
  prediction.run(floats, to);
  prediction.run(bytes, to);
}
