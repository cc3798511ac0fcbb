// ReLU: each place of a group, and the values at its kink.
#include <layers/check_layer.hpp>

using namespace strata;

namespace {

// The layer as one that the test does not know by name.
struct Own : ReLU {};

}  // namespace

BOOST_AUTO_TEST_SUITE(relu)

BOOST_AUTO_TEST_CASE(everywhere) {
  layer_test::check_layer<Own, Image<5, 7, 3>>([](double x) { return x > 0 ? x : 0; });
  layer_test::check_layer<Own, Vector<37>>();
}

BOOST_AUTO_TEST_CASE(against_its_reference) {
  layer_test::check_group<Image<4, 5, 17>, ReLU>();
  layer_test::check_group<Vector<1>, ReLU>({1, 4});
}

BOOST_AUTO_TEST_CASE(at_zero) {
  BOOST_TEST(ReLU::forward(0.0f) == 0.0f);
  BOOST_TEST(ReLU::forward(-0.0f) == 0.0f);
  BOOST_TEST(ReLU::backward(5.0f, 0.0f) == 0.0f);
}

BOOST_AUTO_TEST_SUITE_END()
