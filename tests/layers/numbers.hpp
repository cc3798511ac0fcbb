// Numbers for tests of layers, and how results are compared.
#pragma once

#include <strata/core/layer.hpp>

#include <reference/tensor.hpp>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace layer_test {

/// What inputs and parameters are: numbers in [-1, 1], compared within the rounding of their terms, or integers so
/// small that single precision makes no mistake, compared exactly.
enum class Numbers { real, integer };

/// Draws the numbers of a test. The same seed gives the same numbers everywhere.
class Source {
 public:
  explicit Source(unsigned seed) : bits_(seed) {}

  /// In [-1, 1).
  float real() { return static_cast<float>(bits_() >> 8) * 0x1p-23f - 1; }

  /// In [-most, most].
  float integer(int most) {
    return static_cast<float>(static_cast<int>(bits_() % static_cast<unsigned>(2 * most + 1)) - most);
  }

  void fill(reference::Tensor& t, Numbers numbers, int most = 3) {
    for (std::size_t i = 0; i < t.size(); ++i)
      t.set(i, static_cast<double>(numbers == Numbers::real ? real() : integer(most)));
  }

  /// A parameter by its name: what a variance is positive, what scales stays near 1.
  void fill_parameter(reference::Tensor& t, const char* name, Numbers numbers) {
    fill(t, numbers, 2);
    const std::string_view of = name;
    for (std::size_t i = 0; i < t.size(); ++i)
      if (of == "gamma" || of == "moving_variance") t.set(i, static_cast<double>(1 + real() / 2));
  }

 private:
  std::mt19937 bits_;
};

/// Checks that every element of `got` is right: equal for integers, else within `reference::precision` (2^-21) of the
/// sum of the absolute values of its terms. Elements that rounding decides must be few.
inline void compare(const char* what, const std::vector<float>& got, const reference::Tensor& want, Numbers numbers) {
  BOOST_REQUIRE_EQUAL(got.size(), want.size());
  std::size_t wrong = 0, first = 0, undecided = 0, nonzero = 0;
  double errors = 0, values = 0;  // squared
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double error = std::abs(static_cast<double>(got[i]) - want.value[i]);
    const bool skipped = numbers == Numbers::real && want.terms[i] == reference::undecided;
    undecided += skipped;
    if (!skipped) {
      errors += error * error;
      values += want.value[i] * want.value[i];
      nonzero += want.value[i] != 0;
    }
    if (skipped ? std::isfinite(got[i])
                : error <= (numbers == Numbers::integer ? 0 : reference::precision * want.terms[i]))
      continue;
    if (wrong++ == 0) first = i;
  }
  BOOST_TEST(wrong == 0u, what << ": " << wrong << " of " << got.size() << " wrong, the first at " << first << ": "
                               << (wrong ? got[first] : 0) << " instead of " << (wrong ? want.value[first] : 0));
  if (std::isfinite(reference::norm_precision)) {
    const double bound =
        reference::norm_precision + reference::precision / std::sqrt(std::max(1.0, static_cast<double>(nonzero)));
    BOOST_TEST(std::sqrt(errors) <= bound * std::sqrt(values),
               what << ": the errors' norm is " << std::sqrt(errors / values) << " of the values', not " << bound);
  }
  BOOST_TEST(undecided <= 2 + reference::undecided_share * static_cast<double>(got.size()),
             what << ": rounding decides " << undecided << " of " << got.size());
}

/// True where both hold the same bits.
inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](float x, float y) {
           return strata::detail::same_bits<std::uint32_t>(x) == strata::detail::same_bits<std::uint32_t>(y);
         });
}

}  // namespace layer_test
