// Permutation: a bijection for every n, different by seed and epoch, without visible bias, and pinned by known answers.
#include <strata/core/permutation.hpp>

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

using strata::Permutation;

namespace {

std::vector<std::uint64_t> order(std::uint64_t n, std::uint64_t seed, std::uint64_t epoch) {
  const Permutation permutation(n, seed, epoch);
  std::vector<std::uint64_t> items;
  for (std::uint64_t i = 0; i < n; ++i) items.push_back(permutation(i));
  return items;
}

// The chi-square statistic of `counts` against equal expectation, as standard deviations from its mean.
double chi_square_score(const std::vector<std::uint64_t>& counts) {
  double total = 0, sum = 0;
  for (std::uint64_t count : counts) total += static_cast<double>(count);
  const double expected = total / static_cast<double>(counts.size());
  for (std::uint64_t count : counts)
    sum += (static_cast<double>(count) - expected) * (static_cast<double>(count) - expected) / expected;
  const double freedom = static_cast<double>(counts.size() - 1);
  return (sum - freedom) / std::sqrt(2 * freedom);
}

static_assert(Permutation(10, 1, 2)(3) < 10, "usable in constant expressions");
static_assert(Permutation(0, 1, 2).size() == 0);

}  // namespace

BOOST_AUTO_TEST_SUITE(permutation)

BOOST_AUTO_TEST_CASE(is_a_bijection) {
  std::vector<std::uint64_t> sizes = {1000, 1023, 1024, 1025, 60000, 65535, 65536, 65537};
  for (std::uint64_t n = 0; n < 70; ++n) sizes.push_back(n);
  for (std::uint64_t n : sizes) {
    for (std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{42}, ~std::uint64_t{0}}) {
      std::vector<bool> seen(n);
      std::uint64_t distinct = 0;
      for (std::uint64_t item : order(n, seed, 3)) {
        BOOST_REQUIRE_LT(item, n);
        if (!seen[item]) ++distinct;
        seen[item] = true;
      }
      BOOST_TEST(distinct == n);
    }
  }
}

BOOST_AUTO_TEST_CASE(reaches_every_size_an_index_can_have) {
  for (std::uint64_t n : {(std::uint64_t{1} << 32) + 1, std::uint64_t{1} << 40, std::uint64_t{1} << 63}) {
    const Permutation permutation(n, 7, 0);
    std::set<std::uint64_t> items;
    std::uint64_t largest = 0;
    for (std::uint64_t i = 0; i < 1000; ++i) {
      const std::uint64_t item = permutation(n - 1 - i);
      BOOST_REQUIRE_LT(item, n);
      items.insert(item);
      if (item > largest) largest = item;
    }
    BOOST_TEST(items.size() == 1000u);
    BOOST_TEST(largest > n / 2);
  }
}

BOOST_AUTO_TEST_CASE(differs_by_seed_and_by_epoch) {
  std::set<std::vector<std::uint64_t>> orders;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    for (std::uint64_t epoch = 0; epoch < 30; ++epoch) orders.insert(order(100, seed, epoch));
  }
  BOOST_TEST(orders.size() == 900u);
  BOOST_TEST((order(1000, 5, 6) == order(1000, 5, 6)));
}

// Every one of the n! orders of a small set comes up equally often over seeds, and over epochs.
BOOST_AUTO_TEST_CASE(small_orders_are_equally_likely) {
  for (std::uint64_t n : {2u, 3u, 4u, 5u, 6u}) {
    std::uint64_t orders = 1;
    for (std::uint64_t k = 2; k <= n; ++k) orders *= k;
    for (bool by_epoch : {false, true}) {
      std::map<std::vector<std::uint64_t>, std::uint64_t> seen;
      for (std::uint64_t k = 0; k < 200 * orders; ++k) ++seen[by_epoch ? order(n, 9, k) : order(n, k, 9)];
      BOOST_TEST_REQUIRE(seen.size() == orders);
      std::vector<std::uint64_t> counts;
      for (const auto& [items, count] : seen) counts.push_back(count);
      BOOST_TEST(std::abs(chi_square_score(counts)) < 4, "n = " << n << ": " << chi_square_score(counts));
    }
  }
}

// Where an item goes says nothing about the item, at sizes just above, at and below a power of two.
BOOST_AUTO_TEST_CASE(positions_are_uniform) {
  for (std::uint64_t n : {7u, 10u, 16u, 17u, 33u, 63u}) {
    std::vector<std::uint64_t> counts(n * n);
    for (std::uint64_t epoch = 0; epoch < 20000; ++epoch) {
      const Permutation permutation(n, 1, epoch);
      for (std::uint64_t i = 0; i < n; ++i) ++counts[i * n + permutation(i)];
    }
    // Rows and columns each sum to 20000: (n - 1)^2 degrees of freedom, so the score's mean is a little below 0.
    BOOST_TEST(std::abs(chi_square_score(counts)) < 5, "n = " << n << ": " << chi_square_score(counts));
  }
  std::vector<std::uint64_t> counts(100 * 100);  // where the first, second ... hundredth 600 of 60000 go
  for (std::uint64_t epoch = 0; epoch < 20; ++epoch) {
    const Permutation permutation(60000, 1, epoch);
    for (std::uint64_t i = 0; i < 60000; ++i) ++counts[i / 600 * 100 + permutation(i) / 600];
  }
  BOOST_TEST(std::abs(chi_square_score(counts)) < 5, chi_square_score(counts));
}

// A random order has one fixed point and one pair of neighbours that stay neighbours, on average.
BOOST_AUTO_TEST_CASE(no_excess_of_fixed_points_or_runs) {
  for (std::uint64_t n : {10u, 100u, 1000u}) {
    std::uint64_t fixed = 0, runs = 0;
    for (std::uint64_t epoch = 0; epoch < 4000; ++epoch) {
      const std::vector<std::uint64_t> items = order(n, 3, epoch);
      for (std::uint64_t i = 0; i < n; ++i) {
        if (items[i] == i) ++fixed;
        if (i > 0 && items[i] == items[i - 1] + 1) ++runs;
      }
    }
    const double expected_runs = static_cast<double>(n - 1) / static_cast<double>(n);
    BOOST_TEST(std::abs(static_cast<double>(fixed) / 4000 - 1) < 5 / std::sqrt(4000.0), "n = " << n << ": " << fixed);
    BOOST_TEST(std::abs(static_cast<double>(runs) / 4000 - expected_runs) < 5 / std::sqrt(4000.0),
               "n = " << n << ": " << runs);
  }
}

// Checkpoints and both backends rely on these: a change here reorders every resumed run.
BOOST_AUTO_TEST_CASE(known_answers) {
  const auto starts_with = [](const Permutation& permutation, const std::vector<std::uint64_t>& expected) {
    for (std::uint64_t i = 0; i < expected.size(); ++i) BOOST_TEST(permutation(i) == expected[i]);
  };
  starts_with({10, 42, 0}, {4, 0, 2, 3, 1, 5, 9, 8, 6, 7});
  starts_with({10, 42, 1}, {0, 1, 8, 3, 9, 2, 7, 5, 4, 6});
  starts_with({60000, 42, 0}, {5347, 29911, 32032, 58303, 24894, 43739, 30976, 55315, 56723, 14993});
  starts_with({std::uint64_t{1} << 40, ~std::uint64_t{0}, 5}, {431352705896, 15496130563, 388310363086, 434588322371});
}

BOOST_AUTO_TEST_SUITE_END()
