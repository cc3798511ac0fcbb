// Sigmoid: each place of a group, and its values against the standard library's.
#include <layers/check_layer.hpp>

using namespace strata;

BOOST_AUTO_TEST_SUITE(sigmoid_layer)

BOOST_AUTO_TEST_CASE(everywhere) {
  layer_test::check_activation<Sigmoid>([](double x) { return 1 / (1 + std::exp(-x)); });
}

BOOST_AUTO_TEST_CASE(behind_producers) {
  layer_test::check_activation_behind_producers<Sigmoid>([](double x) { return 1 / (1 + std::exp(-x)); });
}

BOOST_AUTO_TEST_CASE(values) {
  const auto forward = [](auto x) { return Sigmoid::forward(x); };
  const auto exact = [](double x) { return 1 / (1 + std::exp(-x)); };
  BOOST_TEST(layer_test::worst_error(forward, exact, exact, -80, 80) <= 0x1p-21);
  BOOST_TEST(Sigmoid::forward(3e38f) == 1);
  BOOST_TEST(Sigmoid::forward(-3e38f) == 0);
  BOOST_TEST(std::isnan(Sigmoid::forward(std::nanf(""))));
  BOOST_TEST(Sigmoid::backward(2.0f, 0.25f) == 0.375f);
}

BOOST_AUTO_TEST_SUITE_END()
