// The kernel of layers/conv/cuda_first.cuh, for tools/check_cuda.
//
// registers: first_conv_kernel 80
#include <strata/cuda/product.cuh>
#include <strata/layers/conv/conv.hpp>
#include <strata/layers/conv/cuda_first.cuh>

using namespace strata;

template <class In, class L>
void forward(float* memory) {
  using C = cuda::conv_numbers<L, GroupSpec<Cpu<>, Mode::training, In, L>>;
  using Epilogue = cuda::MatrixRows<L::filters>;
  cuda::first_conv<C>::template forward<Epilogue>(nullptr, memory, memory, {memory}, 1);
}

void run_all(float* memory) {
  forward<Image<28, 28, 1>, Conv<32, 3>>(memory);
  forward<Image<28, 28, 1>, Conv<10, 5, Same>>(memory);
}
