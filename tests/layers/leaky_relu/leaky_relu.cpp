// LeakyReLU: each place of a group, each kind of slope, and the values at its kink.
#include <layers/check_layer.hpp>

using namespace strata;

namespace {

// The layer as one that the test does not know by name.
struct Own : LeakyReLU<8> {};

}  // namespace

BOOST_AUTO_TEST_SUITE(leaky_relu)

BOOST_AUTO_TEST_CASE(everywhere) {
  layer_test::check_layer<Own, Image<5, 7, 3>>([](double x) { return x > 0 ? x : 0.08 * x; });
  layer_test::check_layer<Own, Vector<37>>();
}

BOOST_AUTO_TEST_CASE(slopes) {
  layer_test::check_group<Image<4, 5, 17>, LeakyReLU<8>>();
  layer_test::check_group<Image<4, 5, 3>, LeakyReLU<0>>();
  layer_test::check_group<Vector<5>, LeakyReLU<99>>();
  layer_test::check_group<Vector<19>, LeakyReLU<25>>();
}

BOOST_AUTO_TEST_CASE(at_zero) {
  BOOST_TEST(LeakyReLU<50>::forward(0.0f) == 0.0f);
  BOOST_TEST(LeakyReLU<50>::backward(5.0f, 0.0f) == 2.5f);
}

BOOST_AUTO_TEST_SUITE_END()
