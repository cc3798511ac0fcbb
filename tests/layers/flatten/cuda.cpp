// Flatten on a GPU: moves nothing, wherever it stands; and chains of elementwise layers with it.
#include <layers/cuda_run.hpp>

using namespace strata;
using layer_test::check_cuda_group;

BOOST_AUTO_TEST_SUITE(flatten_on_a_gpu)

BOOST_AUTO_TEST_CASE(shape) {
  check_cuda_group<Image<3, 5, 7>, Flatten>();
  check_cuda_group<Vector<7>, Flatten>();
}

BOOST_AUTO_TEST_CASE(among_others) {
  check_cuda_group<Image<3, 5, 2>, ReLU, Flatten, LeakyReLU<25>>();
  check_cuda_group<Image<3, 5, 18>, Flatten, Dropout<50>>();
  check_cuda_group<Image<3, 5, 18>, Dropout<50>, Flatten, Dropout<50>>();
}

BOOST_AUTO_TEST_SUITE_END()
