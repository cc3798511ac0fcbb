// SiLU: each place of a group, and its values against the standard library's.
#include <layers/check_layer.hpp>

using namespace strata;

BOOST_AUTO_TEST_SUITE(silu)

BOOST_AUTO_TEST_CASE(everywhere) {
  layer_test::check_activation<SiLU>([](double x) { return x / (1 + std::exp(-x)); });
}

BOOST_AUTO_TEST_CASE(behind_producers) {
  layer_test::check_activation_behind_producers<SiLU>([](double x) { return x / (1 + std::exp(-x)); });
}

BOOST_AUTO_TEST_CASE(values) {
  const auto forward = [](auto x) { return SiLU::forward(x); };
  const auto backward = [](auto x) { return SiLU::backward(decltype(x){} + 1.0f, x); };
  const auto exact = [](double x) { return x / (1 + std::exp(-x)); };
  const auto itself = [](double x) { return std::abs(x / (1 + std::exp(-x))) + 1e-30; };
  const auto slope = [](double x) { return (1 + std::exp(-x) * (1 + x)) / std::pow(1 + std::exp(-x), 2); };
  BOOST_TEST(layer_test::worst_error(forward, exact, itself, -80, 80) <= 0x1p-21);
  BOOST_TEST(layer_test::worst_error(
                 backward, slope, [](double x) { return 1 + std::abs(x); }, -80, 80) <= 0x1p-22);
  BOOST_TEST(SiLU::forward(3e38f) == 3e38f);
  BOOST_TEST(SiLU::forward(-3e38f) == 0);
  BOOST_TEST(std::isnan(SiLU::forward(std::nanf(""))));
  static_assert(!SiLU::is_monotone);
}

BOOST_AUTO_TEST_SUITE_END()
