// Rows of scores: the largest, the sum of exponentials, and folds over lanes, for every length of a tail.
#include <strata/cpu/exponentials.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace strata;
using cpu::lanes;
using cpu::V;

namespace {

constexpr float no_number = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();

std::vector<float> scores(int n) {
  std::vector<float> x(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) x[static_cast<std::size_t>(i)] = static_cast<float>((i * 37 + 11) % 53) / 8 - 4;
  return x;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(exponentials)

BOOST_AUTO_TEST_CASE(every_length) {
  for (int n = 1; n <= 70; ++n) {
    const std::vector<float> x = scores(n);  // of exactly n floats: a sanitizer would see a longer read
    float largest = x[0];
    double sum = 0;
    for (const float v : x) largest = std::max(largest, v);
    for (const float v : x) sum += std::exp(static_cast<double>(v) - static_cast<double>(largest));
    BOOST_TEST(cpu::largest_of(x.data(), n) == largest);
    std::vector<float> terms(static_cast<std::size_t>(n) + 1, -1);
    const float total = cpu::sum_of_exponentials(x.data(), n, largest, terms.data());
    BOOST_TEST(std::abs(static_cast<double>(total) - sum) < 1e-6 * sum, n << " scores");
    BOOST_TEST(total == cpu::sum_of_exponentials(x.data(), n, largest, nullptr));
    for (std::size_t i = 0; i < x.size(); ++i)
      BOOST_TEST(std::abs(terms[i] - std::exp(x[i] - largest)) <= 4e-7f * terms[i]);
    BOOST_TEST(terms.back() == -1);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_number) {
  for (int n : {1, 5, 16, 21})
    for (int at = 0; at < n; ++at) {
      std::vector<float> x = scores(n);
      x[static_cast<std::size_t>(at)] = no_number;
      const float largest = cpu::largest_of(x.data(), n);
      BOOST_TEST(!std::isnan(largest));
      BOOST_TEST(std::isnan(cpu::sum_of_exponentials(x.data(), n, largest, nullptr)));
      x[static_cast<std::size_t>(at)] = infinity;
      BOOST_TEST(cpu::largest_of(x.data(), n) == infinity);
      BOOST_TEST(std::isnan(cpu::sum_of_exponentials(x.data(), n, infinity, nullptr)));
    }
}

BOOST_AUTO_TEST_CASE(folds_see_every_lane) {
  for (int lane = 0; lane < lanes; ++lane) {
    V v{};
    v[lane] = 3;
    BOOST_TEST(cpu::fold_lanes(v, [](const V& a, const V& b) { return a + b; }) == 3);
    BOOST_TEST(cpu::fold_lanes(v, [](const V& a, const V& b) { return maximum(a, b); }) == 3);
  }
}

BOOST_AUTO_TEST_CASE(a_small_batch_is_one_task) {
  BOOST_TEST((cpu::rows_per_task(10) >= 256));
  BOOST_TEST((cpu::rows_per_task(1000) == 4));
  BOOST_TEST((cpu::rows_per_task(1'000'000) == 1));
}

BOOST_AUTO_TEST_SUITE_END()
