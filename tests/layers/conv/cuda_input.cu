// The kernels of layers/conv/cuda_input.cuh, for tools/check_cuda.
//
// registers: product_kernel 128
#include <strata/layers/conv/conv.hpp>
#include <strata/layers/conv/cuda_input.cuh>

using namespace strata;

template <class P, class In, class L>
void input_gradient(float* memory) {
  using C = cuda::conv_numbers<L, GroupSpec<Cpu<>, Mode::training, In, L>>;
  cuda::conv_input_gradient<C, P>::run(nullptr, memory, memory, memory, 1);
}

void run_all(float* memory) {
  input_gradient<Tf32, Image<13, 13, 32>, Conv<64, 3>>(memory);
  input_gradient<Fp32, Image<13, 13, 32>, Conv<64, 3>>(memory);
  input_gradient<Tf32, Image<64, 64, 128>, Conv<256, 3, Same>>(memory);
  input_gradient<Fp32, Image<64, 64, 128>, Conv<256, 3, Same>>(memory);
  input_gradient<Tf32, Image<56, 56, 64>, Conv<33, 3, Stride<2>, Same>>(memory);
}
