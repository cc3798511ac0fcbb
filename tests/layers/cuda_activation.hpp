// check_cuda_activation: the twin of check_activation, on the machine that runs CUDA's kernels without a GPU.
#pragma once

#include <layers/cuda_run.hpp>

#include <strata/layers/dense/cuda.cuh>

#include <functional>

namespace layer_test {

/// Checks an activation of the library alone, before and behind a pooling.
template <class L>
void check_cuda_activation(std::function<double(double)> f) {
  using namespace strata;
  formula<L>::f = std::move(f);
  check_cuda_group<Vector<36>, L>();
  check_cuda_group<Image<5, 7, 4>, L, MaxPool<3, Stride<2>>, L, Flatten>();
}

/// And behind a producer: for one activation that keeps its input and one that keeps its output.
template <class L>
void check_cuda_activation_behind_a_product(std::function<double(double)> f) {
  using namespace strata;
  formula<L>::f = std::move(f);
  check_cuda_products<Fp32, Vector<9>, Dense<12>, L>();
}

}  // namespace layer_test
