// Flatten: moves nothing, wherever it stands.
#include <layers/check_group.hpp>

using namespace strata;
using layer_test::check_group;

BOOST_AUTO_TEST_SUITE(flatten)

BOOST_AUTO_TEST_CASE(shape) {
  static_assert(Flatten::output(Shape::image(3, 4, 5)).shape == Shape::vector(60));
  static_assert(Flatten::output(Shape::vector(60)).shape == Shape::vector(60));
  check_group<Image<3, 5, 7>, Flatten>();
  check_group<Vector<7>, Flatten>();
}

BOOST_AUTO_TEST_CASE(among_others) {
  check_group<Image<3, 5, 2>, ReLU, Flatten, LeakyReLU<25>>();
  check_group<Image<3, 5, 18>, Flatten, Dropout<50>>();
  check_group<Image<3, 5, 18>, Dropout<50>, Flatten, Dropout<50>>();
}

BOOST_AUTO_TEST_SUITE_END()
