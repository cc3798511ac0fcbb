// Arithmetic that is one text for floats and vectors: against the standard library, and at the edges of single
// precision.
#include <strata/core/math.hpp>
#include <strata/cpu/vector.hpp>

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

using namespace strata;

namespace {

typedef float Four __attribute__((vector_size(16)));
using Wide = cpu::V;  // the widest that this file is compiled for

constexpr float infinity = std::numeric_limits<float>::infinity();
const float not_a_number = std::nanf("");

float from_bits(std::uint32_t bits) { return detail::same_bits<float>(bits); }

// All lanes of a vector function of one value; they must agree.
template <class T, class F>
float in_all_lanes(F f, float x) {
  const T y = f(T{} + x);
  float lanes[sizeof(T) / sizeof(float)];
  std::memcpy(lanes, &y, sizeof(T));
  for (const float lane : lanes)
    BOOST_REQUIRE_EQUAL(detail::same_bits<std::uint32_t>(lane), detail::same_bits<std::uint32_t>(lanes[0]));
  return lanes[0];
}

// The distance of two floats in units in the last place of `want`, rounded to single precision.
double ulps(float got, double want) {
  int exponent = 0;
  std::frexp(want, &exponent);
  return std::abs(static_cast<double>(got) - want) / std::ldexp(1.0, exponent - 24);
}

// The largest error of f over a fine net of floats between two bit patterns.
template <class F>
double worst_of(F f, double (*exact)(double), std::uint32_t first, std::uint32_t last, std::uint32_t step) {
  double worst = 0;
  for (std::uint32_t bits = first; bits < last; bits += step) {
    const float x = from_bits(bits);
    const double error = ulps(f(x), exact(static_cast<double>(x)));
    if (!(error <= worst)) worst = error;
  }
  return worst;
}

template <class F>
double worst_exponential(F f, std::uint32_t first, std::uint32_t last, std::uint32_t step) {
  return worst_of(
      f, [](double x) { return std::exp(x); }, first, last, step);
}

const std::vector<float> edges = {0.0f,    -0.0f, 1.0f,   -1.0f,    2.5f,      -3.75f,      1e-45f,
                                  -1e-45f, 1e30f, -1e30f, infinity, -infinity, not_a_number};

}  // namespace

BOOST_AUTO_TEST_SUITE(math)

BOOST_AUTO_TEST_CASE(exponential_is_right_to_two_ulps) {
  const auto scalar = [](float x) { return exponential(x); };
  const auto vector = [](float x) {
    const Wide y = exponential(Wide{} + x);
    return y[3];
  };
  const std::uint32_t zero = 0, most = detail::same_bits<std::uint32_t>(88.7228f);
  const std::uint32_t negative_zero = 0x80000000, least = detail::same_bits<std::uint32_t>(-87.3359f);
  BOOST_TEST(worst_exponential(scalar, zero, most, 977) <= 2);
  BOOST_TEST(worst_exponential(scalar, negative_zero, least, 977) <= 2);
  BOOST_TEST(worst_exponential(vector, zero, most, 9973) <= 2);
  BOOST_TEST(worst_exponential(vector, negative_zero, least, 9973) <= 2);
  // every float near the ends
  BOOST_TEST(worst_exponential(scalar, most - 5000, most + 1, 1) <= 2);
  BOOST_TEST(worst_exponential(scalar, least - 5000, least + 1, 1) <= 2);
}

BOOST_AUTO_TEST_CASE(exponential_at_the_edges) {
  const auto check = [](float x, auto good) {
    BOOST_TEST(good(exponential(x)), x << ": " << exponential(x));
    BOOST_TEST(good(in_all_lanes<Four>([](auto v) { return exponential(v); }, x)), x << " in a vector");
    BOOST_TEST(good(in_all_lanes<Wide>([](auto v) { return exponential(v); }, x)), x << " in a wide vector");
  };
  for (const float x : {0.0f, -0.0f, 1e-45f, -1e-45f, 1e-30f}) check(x, [](float y) { return y == 1; });
  for (const float x : {-infinity, -1e30f, -1000.0f, -87.34f}) check(x, [](float y) { return y == 0; });
  for (const float x : {infinity, 1e30f, 1000.0f, 88.73f}) check(x, [](float y) { return y == infinity; });
  check(88.7228f, [](float y) { return y > 3.4e38f && y < infinity; });
  check(-87.33f, [](float y) { return y > 0 && y < 1.3e-38f; });
  check(not_a_number, [](float y) { return std::isnan(y); });
}

BOOST_AUTO_TEST_CASE(exponential_minus_one_is_right_to_two_ulps) {
  const auto scalar = [](float x) { return exponential_minus_one(x); };
  const auto vector = [](float x) {
    const Wide y = exponential_minus_one(Wide{} + x);
    return y[3];
  };
  const auto exact = [](double x) { return std::expm1(x); };
  const std::uint32_t tiny = detail::same_bits<std::uint32_t>(1e-37f), sign = 0x80000000;
  const std::uint32_t most = detail::same_bits<std::uint32_t>(88.3f), least = detail::same_bits<std::uint32_t>(100.0f);
  BOOST_TEST(worst_of(scalar, exact, tiny, most, 977) <= 2);
  BOOST_TEST(worst_of(scalar, exact, sign | tiny, sign | least, 977) <= 2);
  BOOST_TEST(worst_of(vector, exact, tiny, most, 9973) <= 2);
  BOOST_TEST(worst_of(vector, exact, sign | tiny, sign | least, 9973) <= 2);
  for (const float x : {-infinity, -1e30f, -87.34f}) BOOST_TEST(exponential_minus_one(x) == -1);
  for (const float x : {infinity, 1e30f, 88.4f}) BOOST_TEST(exponential_minus_one(x) == infinity);
  BOOST_TEST(exponential_minus_one(0.0f) == 0);
  BOOST_TEST(std::isnan(exponential_minus_one(not_a_number)));
  BOOST_TEST(std::isnan(in_all_lanes<Four>([](Four v) { return exponential_minus_one(v); }, not_a_number)));
}

BOOST_AUTO_TEST_CASE(select_takes_bits_as_they_are) {
  for (const float a : edges)
    for (const float b : edges) {
      const auto bits = [](float x) { return detail::same_bits<std::uint32_t>(x); };
      BOOST_TEST(bits(select(true, a, b)) == bits(a));
      BOOST_TEST(bits(select(false, a, b)) == bits(b));
      const Four upper = {0, 1, 2, 3};
      const Four mixed = select(upper > 1.0f, Four{} + a, Four{} + b);
      for (int lane = 0; lane < 4; ++lane)  // adding to zero turns -0 into 0
        BOOST_TEST(bits(mixed[lane]) == bits((lane > 1 ? a : b) + 0.0f));
    }
}

BOOST_AUTO_TEST_CASE(maximum_and_minimum) {
  for (const float a : edges)
    for (const float b : edges) {
      const auto same = [](float x, float y) { return x == y || (std::isnan(x) && std::isnan(y)); };
      const float larger = a > b ? a : b, smaller = a < b ? a : b;  // b where they are not comparable
      BOOST_TEST(same(maximum(a, b), larger));
      BOOST_TEST(same(minimum(a, b), smaller));
      BOOST_TEST(same(in_all_lanes<Wide>([b](Wide v) { return maximum(v, Wide{} + b); }, a), larger));
      BOOST_TEST(same(in_all_lanes<Wide>([b](Wide v) { return minimum(v, Wide{} + b); }, a), smaller));
    }
}

BOOST_AUTO_TEST_CASE(absolute_and_square_root) {
  for (const float x : edges) {
    const auto bits = [](float v) { return detail::same_bits<std::uint32_t>(v); };
    BOOST_TEST(bits(absolute(x)) == (bits(x) & 0x7fffffff));
    BOOST_TEST(bits(in_all_lanes<Wide>([](Wide v) { return absolute(v); }, x)) == (bits(x) & 0x7fffffff));
  }
  for (const float x : {0.0f, 1.0f, 2.0f, 1e-38f, 3e38f, 0.7f, infinity}) {
    BOOST_TEST(square_root(x) == std::sqrt(x));
    BOOST_TEST(in_all_lanes<Four>([](Four v) { return square_root(v); }, x) == std::sqrt(x));
    BOOST_TEST(in_all_lanes<Wide>([](Wide v) { return square_root(v); }, x) == std::sqrt(x));
  }
  Wide squares{};
  for (int i = 0; i < cpu::lanes; ++i) squares[i] = static_cast<float>(i * i);
  const Wide roots = square_root(squares);
  for (int i = 0; i < cpu::lanes; ++i) BOOST_TEST(roots[i] == static_cast<float>(i));
}

BOOST_AUTO_TEST_SUITE_END()
