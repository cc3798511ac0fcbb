// Every kernel of cuda/product.cuh, for tools/check_cuda.
//
// registers: product_kernel 128
// registers: add_parts_kernel 40
#include <strata/cuda/product.cuh>

using namespace strata;
using namespace strata::cuda;

template <class P, Along A, Along B, class Tiles>
void run(float* memory) {
  using Spec = ProductSpec<MatrixFactor<A, 1024, 1024>, MatrixFactor<B, 1024, 1024>, 1024, PartialSums<1024>, P, Tiles>;
  multiply<Spec>(nullptr, {memory, 1024}, {memory, 1024}, {memory, 0}, 1024, 1024);
}

void run_all(float* memory) {
  using Large = ProductTiles<128, 64, 32, 32>;
  run<Tf32, Along::depth, Along::depth, Large>(memory);
  run<Tf32, Along::depth, Along::lines, Large>(memory);
  run<Tf32, Along::lines, Along::depth, Large>(memory);
  run<Tf32, Along::lines, Along::lines, Large>(memory);
  run<Fp32, Along::depth, Along::lines, Large>(memory);
  run<Fp32, Along::lines, Along::lines, Large>(memory);
  add_parts<AddPartsSpec<8, 1024, MatrixRows<1024>>>(nullptr, {memory, 0}, 1024 * 1024, {memory});
}
