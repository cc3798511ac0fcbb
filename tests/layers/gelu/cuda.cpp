// GELU on a GPU, exact and by tanh: alone, around poolings and behind a product.
#include <layers/cuda_activation.hpp>

#include <cmath>

using namespace strata;

BOOST_AUTO_TEST_SUITE(gelu_on_a_gpu)

BOOST_AUTO_TEST_CASE(everywhere) {
  layer_test::check_cuda_activation<GELU>([](double x) { return x * std::erfc(-x / std::sqrt(2.0)) / 2; });
}

BOOST_AUTO_TEST_CASE(by_tanh) {
  layer_test::formula<GELUTanh>::f = [](double x) {
    return x / 2 * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x)));
  };
  layer_test::check_cuda_group<Vector<36>, GELUTanh>();
}

BOOST_AUTO_TEST_CASE(behind_a_product) {
  layer_test::check_cuda_activation_behind_a_product<GELU>(
      [](double x) { return x * std::erfc(-x / std::sqrt(2.0)) / 2; });
}

BOOST_AUTO_TEST_SUITE_END()
