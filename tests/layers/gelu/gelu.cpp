// GELU, exact and by tanh: each place of a group, the normal distribution behind it, and values against the standard
// library's.
#include <layers/check_layer.hpp>

using namespace strata;
using layer_test::worst_error;

namespace {

const double pi = std::acos(-1.0);

double phi(double x) { return std::erfc(-x / std::sqrt(2.0)) / 2; }
double gelu(double x) { return x * phi(x); }
double gelu_tanh(double x) { return x / 2 * (1 + std::tanh(std::sqrt(2 / pi) * (x + 0.044715 * x * x * x))); }

double magnitude(double x) { return std::abs(x) + 1e-30; }
double with_one(double) { return 1; }

}  // namespace

BOOST_AUTO_TEST_SUITE(gelu_layer)

BOOST_AUTO_TEST_CASE(everywhere) { layer_test::check_activation<GELU>(gelu); }

BOOST_AUTO_TEST_CASE(behind_producers) { layer_test::check_activation_behind_producers<GELU>(gelu); }

BOOST_AUTO_TEST_CASE(by_tanh) {
  layer_test::formula<GELUTanh>::f = gelu_tanh;
  layer_test::check_group<Image<5, 7, 3>, GELUTanh, MaxPool<2>, GELUTanh>();
}

BOOST_AUTO_TEST_CASE(normal_distribution) {
  const auto normal = [](auto x) { return strata::detail::NormalDistribution<decltype(x)>(x).phi; };
  BOOST_TEST(worst_error(normal, phi, with_one, -13, 13) <= 0x1p-22);
  const auto tail = [](double x) { return phi(x) * (8 + x * x / 2); };
  BOOST_TEST(worst_error(normal, phi, tail, -13, 0) <= 0x1p-23);
}

BOOST_AUTO_TEST_CASE(values) {
  const auto forward = [](auto x) { return GELU::forward(x); };
  const auto backward = [](auto x) { return GELU::backward(decltype(x){} + 1.0f, x); };
  const auto slope = [](double x) { return phi(x) + x * std::exp(-x * x / 2) / std::sqrt(2 * pi); };
  BOOST_TEST(worst_error(forward, gelu, magnitude, -13, 13) <= 0x1p-22);
  BOOST_TEST(worst_error(backward, slope, with_one, -13, 13) <= 0x1p-21);
  BOOST_TEST(worst_error([](auto x) { return GELUTanh::forward(x); }, gelu_tanh, magnitude, -13, 13) <= 0x1p-22);
  BOOST_TEST(worst_error([](auto x) { return GELUTanh::forward(x); }, gelu, with_one, -13, 13) <= 5e-4);
  for (const float x : {20.0f, 1e20f, 3e38f}) {
    BOOST_TEST(GELU::forward(x) == x);
    BOOST_TEST(GELU::forward(-x) == 0);
    BOOST_TEST(GELU::backward(3.0f, x) == 3);
    BOOST_TEST(GELU::backward(3.0f, -x) == 0);
    BOOST_TEST(GELUTanh::forward(x) == x);
    BOOST_TEST(GELUTanh::forward(-x) == 0);
    BOOST_TEST(GELUTanh::backward(3.0f, x) == 3);
    BOOST_TEST(GELUTanh::backward(3.0f, -x) == 0);
  }
  for (const float x : {GELU::forward(std::nanf("")), GELU::backward(1.0f, std::nanf("")),
                        GELUTanh::forward(std::nanf("")), GELUTanh::backward(1.0f, std::nanf(""))})
    BOOST_TEST(std::isnan(x));
  static_assert(!GELU::is_monotone && !GELUTanh::is_monotone);
}

BOOST_AUTO_TEST_SUITE_END()
