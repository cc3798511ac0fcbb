// Every kernel of layers/dense/cuda.cuh, for tools/check_cuda.
//
// registers: product_kernel 128
// registers: add_parts_kernel 40
// registers: elementwise_backward_kernel 64
#include <strata/cuda/backend.cuh>
#include <strata/layers.hpp>
#include <strata/layers/dense/cuda.cuh>

using namespace strata;

template <class P, class In, class Op, class... Ops>
void train(const cuda::GroupArgs& a) {
  using Forward = GroupSpec<Cuda<P>, Mode::training, In, Op, Ops...>;
  using Backward = GroupSpec<Cuda<P>, Mode::training, In, Op>;
  cuda::kernel<Op>::template forward<Forward>(a);
  cuda::kernel<Op>::template backward<Backward, true>(a);
}

void run_all(const cuda::GroupArgs& a) {
  train<Tf32, Vector<5408>, Dense<100>, ReLU>(a);
  train<Fp32, Vector<5408>, Dense<100>, ReLU>(a);
  train<Tf32, Vector<33>, Dense<10>, ReLU, Dropout<20>>(a);
}
