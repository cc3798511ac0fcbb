// SiLU on a GPU: alone, around poolings and behind a product.
#include <layers/cuda_activation.hpp>

using namespace strata;

BOOST_AUTO_TEST_SUITE(silu_on_a_gpu)

BOOST_AUTO_TEST_CASE(everywhere) {
  layer_test::check_cuda_activation<SiLU>([](double x) { return x / (1 + std::exp(-x)); });
}

BOOST_AUTO_TEST_SUITE_END()
