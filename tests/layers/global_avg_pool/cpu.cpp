// GlobalAvgPool on the CPU: one pixel, one channel, shapes that end a vector anywhere, and layers around it.
#include <layers/check_group.hpp>
#include <layers/global_avg_pool/reference.hpp>

using namespace strata;
using layer_test::check_group;

BOOST_AUTO_TEST_SUITE(global_avg_pool)

BOOST_AUTO_TEST_CASE(shapes) {
  static_assert(GlobalAvgPool::output(Shape::image(7, 5, 3)).shape == Shape::image(1, 1, 3));
  check_group<Image<1, 1, 20>, GlobalAvgPool>();
  check_group<Image<7, 5, 1>, GlobalAvgPool>();
  check_group<Image<7, 5, 3>, GlobalAvgPool>();
  check_group<Image<4, 4, 33>, GlobalAvgPool>();
}

BOOST_AUTO_TEST_CASE(with_layers_around_it) {
  check_group<Image<6, 7, 3>, Conv<20, 3>, ReLU, GlobalAvgPool, Flatten, Dropout<50>>();
  check_group<Image<3, 5, 4>, Dropout<50>, LeakyReLU<25>, GlobalAvgPool, LeakyReLU<25>>();
}

BOOST_AUTO_TEST_CASE(inference) { layer_test::check_inference<Image<5, 7, 3>, ReLU, GlobalAvgPool, Flatten>(); }

BOOST_AUTO_TEST_SUITE_END()
