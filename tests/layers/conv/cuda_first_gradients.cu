// The kernels of layers/conv/cuda_first_gradients.cuh, for tools/check_cuda.
//
// registers: first_gradient_kernel 168
// registers: add_parts_kernel 40
#include <strata/cuda/backend.cuh>
#include <strata/layers.hpp>
#include <strata/layers/avg_pool/cuda.cuh>
#include <strata/layers/conv/cuda_first_gradients.cuh>
#include <strata/layers/max_pool/cuda.cuh>

using namespace strata;

template <class In, class L, class... Ops>
void gradients(const cuda::GroupArgs& a) {
  cuda::first_gradients<L, GroupSpec<Cuda<>, Mode::training, In, L, Ops...>>(a);
}

void run_all(const cuda::GroupArgs& a) {
  gradients<Image<28, 28, 1>, Conv<32, 3>, ReLU, MaxPool<2>>(a);                       // R1
  gradients<Image<28, 28, 1>, Conv<28, 3>, MaxPool<2>>(a);                             // R12
  gradients<Image<28, 28, 1>, Conv<64, 3>, LeakyReLU<8>, MaxPool<2>, Dropout<20>>(a);  // R5
  gradients<Image<28, 28, 1>, Conv<32, 5>, ReLU, AvgPool<2>>(a);                       // R3
  gradients<Image<28, 28, 1>, Conv<10, 5>, MaxPool<2>, ReLU>(a);                       // R8
  gradients<Image<32, 32, 4>, Conv<64, 3, Same>, ReLU, MaxPool<2>>(a);
  gradients<Image<31, 31, 1>, Conv<12, 5, Same>, MaxPool<3>>(a);
}
