// GlobalAvgPool on a GPU: one pixel, one channel, shapes of any width of access, and layers around it.
#include <layers/cuda_run.hpp>
#include <layers/global_avg_pool/reference.hpp>
#include <strata/layers/global_avg_pool/cuda.cuh>

using namespace strata;
using layer_test::check_cuda_group;

BOOST_AUTO_TEST_SUITE(global_avg_pool_on_a_gpu)

BOOST_AUTO_TEST_CASE(shapes) {
  check_cuda_group<Image<1, 1, 20>, GlobalAvgPool>();
  check_cuda_group<Image<7, 5, 1>, GlobalAvgPool>();
  check_cuda_group<Image<4, 4, 33>, GlobalAvgPool>();
}

BOOST_AUTO_TEST_CASE(with_layers_around_it) {
  check_cuda_group<Image<7, 5, 20>, ReLU, GlobalAvgPool, Flatten, Dropout<50>>();
  check_cuda_group<Image<3, 5, 3>, Dropout<50>, LeakyReLU<25>, GlobalAvgPool, LeakyReLU<25>>();
}

BOOST_AUTO_TEST_SUITE_END()
