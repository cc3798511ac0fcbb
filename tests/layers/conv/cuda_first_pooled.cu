// The kernels of layers/conv/cuda_first_pooled.cuh, for tools/check_cuda.
//
// registers: first_pooled_kernel 128
#include <strata/cuda/backend.cuh>
#include <strata/layers.hpp>
#include <strata/layers/avg_pool/cuda.cuh>
#include <strata/layers/conv/cuda_first_pooled.cuh>
#include <strata/layers/max_pool/cuda.cuh>

using namespace strata;

template <class In, class L, class... Ops>
void forward(const cuda::GroupArgs& a) {
  using G = GroupSpec<Cuda<>, Mode::training, In, L, Ops...>;
  static_assert(cuda::pools_by_window<L, G>);
  cuda::pooled_conv_forward<L, G>(a);
}

void run_all(const cuda::GroupArgs& a) {
  forward<Image<28, 28, 1>, Conv<32, 3>, ReLU, MaxPool<2>>(a);                       // R1
  forward<Image<28, 28, 1>, Conv<28, 3>, MaxPool<2>>(a);                             // R12
  forward<Image<28, 28, 1>, Conv<64, 3>, LeakyReLU<8>, MaxPool<2>, Dropout<20>>(a);  // R5
  forward<Image<28, 28, 1>, Conv<32, 5>, ReLU, AvgPool<2>>(a);                       // R3
  forward<Image<28, 28, 1>, Conv<10, 5>, MaxPool<2>, ReLU>(a);                       // R8
  forward<Image<32, 32, 4>, Conv<64, 3, Same>, ReLU, MaxPool<2>>(a);
  forward<Image<31, 31, 1>, Conv<12, 5, Same>, MaxPool<3>>(a);
}
