// ELU on a GPU: alone, around poolings and behind a product.
#include <layers/cuda_activation.hpp>

using namespace strata;

BOOST_AUTO_TEST_SUITE(elu_on_a_gpu)

BOOST_AUTO_TEST_CASE(everywhere) {
  layer_test::check_cuda_activation<ELU<>>([](double x) { return x > 0 ? x : std::expm1(x); });
}

BOOST_AUTO_TEST_SUITE_END()
