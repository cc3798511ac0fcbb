// The kernels of layers/conv/cuda_weights.cuh, for tools/check_cuda.
//
// registers: product_kernel 128
// registers: add_parts_kernel 40
#include <strata/layers/conv/conv.hpp>
#include <strata/layers/conv/cuda_weights.cuh>

using namespace strata;

template <class P, class In, class L>
void weight_gradient(float* memory) {
  using C = cuda::conv_numbers<L, GroupSpec<Cpu<>, Mode::training, In, L>>;
  cuda::conv_weight_gradient<C, P, L::has_bias>::run(nullptr, memory, memory, memory, memory, memory, 1);
}

void run_all(float* memory) {
  weight_gradient<Tf32, Image<28, 28, 1>, Conv<32, 3>>(memory);
  weight_gradient<Tf32, Image<13, 13, 32>, Conv<64, 3>>(memory);
  weight_gradient<Fp32, Image<13, 13, 32>, Conv<64, 3>>(memory);
  weight_gradient<Tf32, Image<64, 64, 128>, Conv<256, 3, Same>>(memory);
  weight_gradient<Fp32, Image<64, 64, 128>, Conv<256, 3, Same>>(memory);
  weight_gradient<Tf32, Image<56, 56, 33>, Conv<33, 3, Stride<2>, Same, NoBias>>(memory);
}
