// The forward kernels of layers/conv/cuda.cuh, for tools/check_cuda.
//
// registers: product_kernel 128
// registers: first_conv_kernel 80
#include <strata/cuda/backend.cuh>
#include <strata/layers.hpp>
#include <strata/layers/conv/cuda.cuh>

using namespace strata;

template <class P, class In, class Op, class... Ops>
void forward(const cuda::GroupArgs& a) {
  using G = GroupSpec<Cuda<P>, Mode::training, In, Op, Ops...>;
  cuda::kernel<Op>::template forward<G>(a);
}

void run_all(const cuda::GroupArgs& a) {
  forward<Tf32, Image<28, 28, 1>, Conv<32, 3>, ReLU>(a);                       // R1
  forward<Tf32, Image<13, 13, 32>, Conv<64, 3>, ReLU>(a);                      // R6
  forward<Fp32, Image<13, 13, 32>, Conv<64, 3>, ReLU>(a);                      //
  forward<Tf32, Image<12, 12, 10>, Conv<20, 5>, ChannelDropout<50>, ReLU>(a);  // R8
  forward<Tf32, Image<64, 64, 128>, Conv<256, 3, Same>, ReLU>(a);              // VGG
  forward<Fp32, Image<64, 64, 128>, Conv<256, 3, Same>, ReLU>(a);              //
  forward<Tf32, Image<224, 224, 3>, Conv<64, 7, Stride<2>, Same>, ReLU>(a);    // ResNet
  forward<Tf32, Image<7, 7, 33>, Conv<10, 1>>(a);
}
