// Cross-entropy and its gradient: against doubles, against finite differences, and with logits at the end of the
// floats.
#include <strata/loss/cross_entropy.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

using namespace strata;

namespace {

/// -sum of t log softmax(z), in double.
double reference(const std::vector<double>& z, const std::vector<double>& t) {
  double top = z[0], sum = 0, loss = 0;
  for (const double x : z) top = std::max(top, x);
  for (const double x : z) sum += std::exp(x - top);
  for (std::size_t c = 0; c < z.size(); ++c) loss += t[c] * (std::log(sum) + top - z[c]);
  return loss;
}

std::vector<double> one_hot(std::size_t classes, int label) {
  std::vector<double> t(classes);
  t[static_cast<std::size_t>(label)] = 1;
  return t;
}

struct Scored {
  detail::SampleScore score;
  std::vector<float> gradient;
};

Scored score(const std::vector<float>& z, const detail::SampleTruth& truth, float scale = 1) {
  Scored s;
  s.gradient.resize(z.size());
  s.score = CrossEntropy{}.score(z.data(), static_cast<int>(z.size()), truth, s.gradient.data(), scale);
  return s;
}

/// Checks loss and gradient for targets t. Losses are sums of terms t * (log sum + top - z).
void check(const std::vector<float>& z, const std::vector<double>& t, const Scored& got, double scale) {
  std::vector<double> x(z.begin(), z.end());
  double terms = 1;
  for (std::size_t c = 0; c < z.size(); ++c) terms += std::abs(t[c]) * (1 + std::abs(x[c]));
  const double loss = reference(x, t);
  BOOST_TEST(std::abs(static_cast<double>(got.score.loss) - loss) < 1e-6 * terms);
  double worst = 0;
  for (std::size_t c = 0; c < z.size(); ++c) {
    const double h = 1e-5, at = x[c];
    x[c] = at + h;
    const double up = reference(x, t);
    x[c] = at - h;
    const double down = reference(x, t);
    x[c] = at;
    worst = std::max(worst, std::abs(static_cast<double>(got.gradient[c]) - (up - down) / (2 * h) * scale));
  }
  BOOST_TEST(worst < 1e-6 * scale * terms + 1e-9);
}

constexpr float largest = std::numeric_limits<float>::max();

}  // namespace

BOOST_AUTO_TEST_SUITE(cross_entropy)

BOOST_AUTO_TEST_CASE(labels) {
  std::mt19937 random(1);
  for (const std::size_t classes : {1u, 2u, 3u, 4u, 9u, 10u, 16u, 17u, 33u, 1000u})
    for (int round = 0; round < 4; ++round) {
      std::vector<float> z(classes);
      for (float& x : z) x = static_cast<float>(static_cast<int>(random() % 2001) - 1000) / 100;
      const int label = static_cast<int>(random() % classes);
      check(z, one_hot(classes, label), score(z, {label, nullptr}, 0.125f), 0.125);
    }
}

BOOST_AUTO_TEST_CASE(probabilities_as_targets) {
  const std::vector<float> z{1.5f, -2, 0.25f, 3};
  for (const std::vector<float>& t :
       {std::vector<float>{0.1f, 0.2f, 0.3f, 0.4f}, {0, 0, 1, 0}, {2, 0, 0.5f, 0}, {0, 0, 0, 0}}) {
    const Scored got = score(z, {0, t.data()}, 0.5f);
    check(z, {t.begin(), t.end()}, got, 0.5);
  }
}

BOOST_AUTO_TEST_CASE(one_hot_targets_give_the_bits_that_labels_give) {
  const std::vector<float> z{0.3f, -2.7f, 4.1f, 1.9f, 0};
  for (int label = 0; label < 5; ++label) {
    std::vector<float> t(5);
    t[static_cast<std::size_t>(label)] = 1;
    const Scored a = score(z, {label, nullptr}, 1.0f / 3), b = score(z, {label, t.data()}, 1.0f / 3);
    BOOST_TEST(a.score.loss == b.score.loss);
    BOOST_TEST(a.score.correct == b.score.correct);
    BOOST_TEST(a.score.predicted == b.score.predicted);
    BOOST_TEST(a.gradient == b.gradient, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(what_is_right_is_the_largest_logit_the_first_of_equals) {
  BOOST_TEST(score({1, 3, 2}, {1, nullptr}).score.correct);
  BOOST_TEST(!score({1, 3, 2}, {0, nullptr}).score.correct);
  BOOST_TEST(score({1, 3, 3}, {1, nullptr}).score.correct);
  BOOST_TEST(!score({1, 3, 3}, {2, nullptr}).score.correct);
  BOOST_TEST(score({1, 3, 3}, {2, nullptr}).score.predicted == 1);
  for (std::size_t place = 0; place < 40; ++place) {
    std::vector<float> z(40, -2);
    for (std::size_t c = place; c < 40; c += 7) z[c] = 5;
    BOOST_TEST(score(z, {0, nullptr}).score.predicted == static_cast<int>(place));
  }
}

BOOST_AUTO_TEST_CASE(large_logits_neither_overflow_nor_lose_the_loss) {
  const Scored right = score({1000, 0, -1000}, {0, nullptr});
  BOOST_TEST(right.score.loss == 0);
  BOOST_TEST(right.gradient == (std::vector<float>{0, 0, 0}), boost::test_tools::per_element());
  const Scored wrong = score({1000, 0, -1000}, {2, nullptr});
  BOOST_TEST(wrong.score.loss == 2000);
  BOOST_TEST(wrong.gradient == (std::vector<float>{1, 0, -1}), boost::test_tools::per_element());
  const Scored far = score({largest / 4, -largest / 4}, {1, nullptr});
  BOOST_TEST(far.score.loss == largest / 2);
  const Scored small = score({-1e30f, -1e30f}, {0, nullptr});
  BOOST_TEST(std::abs(small.score.loss - std::log(2.0f)) < 1e-6f);
}

BOOST_AUTO_TEST_CASE(logits_that_are_no_numbers_make_a_loss_that_is_none) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  for (std::size_t place = 0; place < 3; ++place)
    for (int label = 0; label < 3; ++label) {
      std::vector<float> z{1, 2, 3};
      z[place] = nan;
      BOOST_TEST(!std::isfinite(score(z, {label, nullptr}).score.loss));
      z[place] = infinity;
      BOOST_TEST(!std::isfinite(score(z, {label, nullptr}).score.loss));
    }
  // A class that is given up for lost costs nothing where nobody asks for it.
  BOOST_TEST(std::isfinite(score({1, -infinity, 3}, {2, nullptr}).score.loss));
  BOOST_TEST(!std::isfinite(score({1, -infinity, 3}, {1, nullptr}).score.loss));
  const std::vector<float> t{0, 0, 1};
  BOOST_TEST(std::isfinite(score({1, -infinity, 3}, {2, t.data()}).score.loss));
}

BOOST_AUTO_TEST_CASE(the_gradient_is_left_out_where_nobody_wants_it) {
  const std::vector<float> z{1, 2, 3};
  const detail::SampleScore s = CrossEntropy{}.score(z.data(), 3, {1, nullptr}, nullptr, 1);
  BOOST_TEST(s.loss == score(z, {1, nullptr}).score.loss);
}

BOOST_AUTO_TEST_SUITE_END()
