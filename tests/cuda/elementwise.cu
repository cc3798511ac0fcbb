// Every kernel of cuda/elementwise.cuh, for tools/check_cuda.
//
// registers: elementwise_forward_kernel 64
// registers: elementwise_backward_kernel 64
#include <cuda/run_group.hpp>
#include <strata/layers.hpp>

using namespace strata;

void run_all(const cuda::GroupArgs& a) {
  train_group<Image<26, 26, 64>, LeakyReLU<8>>(a);
  train_group<Vector<100>, ReLU, Dropout<20>>(a);
  train_group<Vector<33>, Dropout<20>, Dropout<50>>(a);
  train_group<Vector<36>, ELU<>, GELU, GELUTanh, SiLU, Tanh, Sigmoid>(a);
  train_group<Image<8, 8, 20>, ChannelDropout<50>>(a);
  run_group<Mode::inference, Image<5, 5, 128>, BatchNorm<>>(a);
}
