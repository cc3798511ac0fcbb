// ELU: each place of a group, and its values against the standard library's.
#include <layers/check_layer.hpp>

using namespace strata;

BOOST_AUTO_TEST_SUITE(elu)

BOOST_AUTO_TEST_CASE(everywhere) {
  layer_test::check_activation<ELU<>>([](double x) { return x > 0 ? x : std::expm1(x); });
}

BOOST_AUTO_TEST_CASE(behind_producers) {
  layer_test::check_activation_behind_producers<ELU<>>([](double x) { return x > 0 ? x : std::expm1(x); });
}

BOOST_AUTO_TEST_CASE(alphas) {
  layer_test::formula<ELU<50>>::f = [](double x) { return x > 0 ? x : 0.5 * std::expm1(x); };
  layer_test::formula<ELU<200>>::f = [](double x) { return x > 0 ? x : 2 * std::expm1(x); };
  layer_test::check_group<Image<4, 5, 17>, ELU<50>, ELU<200>>();
}

BOOST_AUTO_TEST_CASE(values) {
  const auto forward = [](auto x) { return ELU<>::forward(x); };
  const auto exact = [](double x) { return x > 0 ? x : std::expm1(x); };
  const auto itself = [](double x) { return std::abs(x > 0 ? x : std::expm1(x)) + 1e-30; };
  BOOST_TEST(layer_test::worst_error(forward, exact, itself, -20, 2) <= 0x1p-22);
  BOOST_TEST(layer_test::worst_error(forward, exact, itself, -1e-3f, 1e-3f) <= 0x1p-22);  // small values are exact too
  BOOST_TEST(ELU<50>::forward(-3e38f) == -0.5f);
  BOOST_TEST(ELU<>::forward(3e38f) == 3e38f);
  BOOST_TEST(ELU<>::forward(0.0f) == 0);
  BOOST_TEST(std::isnan(ELU<>::forward(std::nanf(""))));
  BOOST_TEST(ELU<50>::backward(8.0f, -0.25f) == 2);
  BOOST_TEST(ELU<50>::backward(8.0f, 0.0f) == 4);  // as from the left
}

BOOST_AUTO_TEST_SUITE_END()
