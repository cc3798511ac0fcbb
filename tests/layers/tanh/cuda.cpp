// Tanh on a GPU: alone, around poolings and behind a product.
#include <layers/cuda_activation.hpp>

using namespace strata;

BOOST_AUTO_TEST_SUITE(tanh_on_a_gpu)

BOOST_AUTO_TEST_CASE(everywhere) {
  layer_test::check_cuda_activation<Tanh>([](double x) { return std::tanh(x); });
}

BOOST_AUTO_TEST_CASE(behind_a_product) {
  layer_test::check_cuda_activation_behind_a_product<Tanh>([](double x) { return std::tanh(x); });
}

BOOST_AUTO_TEST_SUITE_END()
