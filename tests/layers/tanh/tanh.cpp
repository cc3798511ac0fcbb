// Tanh: each place of a group, and its values against the standard library's.
#include <layers/check_layer.hpp>

using namespace strata;

BOOST_AUTO_TEST_SUITE(tanh_layer)

BOOST_AUTO_TEST_CASE(everywhere) {
  layer_test::check_activation<Tanh>([](double x) { return std::tanh(x); });
}

BOOST_AUTO_TEST_CASE(behind_producers) {
  layer_test::check_activation_behind_producers<Tanh>([](double x) { return std::tanh(x); });
}

BOOST_AUTO_TEST_CASE(values) {
  const auto forward = [](auto x) { return Tanh::forward(x); };
  const auto itself = [](double x) { return std::abs(std::tanh(x)) + 1e-30; };
  BOOST_TEST(layer_test::worst_error(forward, std::tanh, itself, -20, 20) <= 0x1p-22);
  BOOST_TEST(layer_test::worst_error(forward, std::tanh, itself, -1e-3f, 1e-3f) <=
             0x1p-22);  // small values are exact too
  BOOST_TEST(Tanh::forward(100.0f) == 1);
  BOOST_TEST(Tanh::forward(-3e38f) == -1);
  BOOST_TEST(std::isnan(Tanh::forward(std::nanf(""))));
  BOOST_TEST(Tanh::backward(2.0f, 0.5f) == 1.5f);
}

BOOST_AUTO_TEST_SUITE_END()
