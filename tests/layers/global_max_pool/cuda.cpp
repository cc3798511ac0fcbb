// GlobalMaxPool on a GPU: one pixel, one channel, shapes of any width of access, and layers around it.
#include <layers/cuda_run.hpp>
#include <layers/global_max_pool/reference.hpp>
#include <strata/layers/global_max_pool/cuda.cuh>

using namespace strata;
using layer_test::check_cuda_group;

BOOST_AUTO_TEST_SUITE(global_max_pool_on_a_gpu)

BOOST_AUTO_TEST_CASE(shapes) {
  check_cuda_group<Image<1, 1, 20>, GlobalMaxPool>();
  check_cuda_group<Image<7, 5, 1>, GlobalMaxPool>();
  check_cuda_group<Image<4, 4, 33>, GlobalMaxPool>();
}

BOOST_AUTO_TEST_CASE(with_layers_around_it) {
  check_cuda_group<Image<7, 5, 20>, ReLU, GlobalMaxPool, Flatten, Dropout<50>>();
  check_cuda_group<Image<3, 5, 3>, Dropout<50>, LeakyReLU<25>, GlobalMaxPool, LeakyReLU<25>>();
}

BOOST_AUTO_TEST_SUITE_END()
