// The formulas of the optimizers in double, step by step, on any number of threads.
#include "reference_models.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "io/folder.hpp"

using namespace strata;

namespace {

/// A weight with its moments, in double.
struct Weight {
  double w = 0;
  std::array<double, 2> slots{};
  double terms = 0;  ///< the largest absolute value on the way, the measure of rounding
  std::array<double, 2> slot_terms{};
};

// The formulas as their papers and Keras write them; nothing is shared with the code under test.
void step(const SGD& o, std::int64_t, Weight& x, double g) {
  if (o.momentum == 0) {
    x.w -= o.learning_rate * g;
  } else {
    double& v = x.slots[0];
    v = o.momentum * v - o.learning_rate * g;
    x.w += o.nesterov ? o.momentum * v - o.learning_rate * g : v;
  }
}

void step(const Adam& o, std::int64_t t, Weight& x, double g) {
  double &m = x.slots[0], &v = x.slots[1];
  m = o.beta1 * m + (1 - o.beta1) * g;
  v = o.beta2 * v + (1 - o.beta2) * g * g;
  const auto n = static_cast<double>(t);
  const double rate = o.learning_rate * std::sqrt(1 - std::pow(o.beta2, n)) / (1 - std::pow(o.beta1, n));
  x.w -= rate * m / (std::sqrt(v) + o.epsilon);
}

/// Gradients of all sizes and both signs, some of them zero.
float gradient(std::int64_t step, std::size_t i) {
  const std::uint32_t word =
      philox::word({philox::Key(9), static_cast<std::uint32_t>(step)}, 0, static_cast<std::uint32_t>(i));
  if (i % 7 == 3) return 0;
  return (philox::uniform(word) - 0.5f) * std::pow(10.0f, static_cast<float>(static_cast<int>(i % 9) - 4));
}

struct Arrays {
  explicit Arrays(std::size_t n) : weights(n * 4), gradients(n * 4), moments(2 * n * 4) {}
  AlignedBuffer weights, gradients, moments;
};

template <class Optimizer>
void check(const Optimizer& optimizer, const char* name) {
  constexpr std::size_t n = 64;
  Arrays a(n);
  std::vector<Weight> expected(n);
  for (std::size_t i = 0; i < n; ++i) {
    a.weights.floats()[i] = static_cast<float>(i) / 8 - 4;
    expected[i].w = static_cast<double>(i) / 8 - 4;
  }
  cpu::Pool pool(1);
  double worst = 0;
  for (std::int64_t t = 1; t <= 12; ++t) {
    for (std::size_t i = 0; i < n; ++i) {
      a.gradients.floats()[i] = gradient(t, i);
      step(optimizer, t, expected[i], static_cast<double>(gradient(t, i)));
      expected[i].terms = std::max(expected[i].terms, std::abs(expected[i].w));
      for (std::size_t s = 0; s < 2; ++s)
        expected[i].slot_terms[s] = std::max(expected[i].slot_terms[s], std::abs(expected[i].slots[s]));
    }
    cpu::optimize(pool, optimizer, t, a.weights.floats(), a.gradients.floats(), a.moments.floats(), n);
    for (std::size_t i = 0; i < n; ++i)
      worst = std::max(
          worst, std::abs(static_cast<double>(a.weights.floats()[i]) - expected[i].w) / (expected[i].terms + 1e-3));
    for (int s = 0; s < optimizer.state_slots(); ++s)
      for (std::size_t i = 0; i < n; ++i) {
        const auto which = static_cast<std::size_t>(s);
        const double slot = expected[i].slots[which];
        const double got = static_cast<double>(a.moments.floats()[which * n + i]);
        BOOST_REQUIRE_MESSAGE(std::abs(got - slot) <= 2e-6 * expected[i].slot_terms[which],
                              name << ": moment " << s << " of weight " << i << " is " << got << ", not " << slot);
      }
  }
  BOOST_TEST(worst < 3e-6, name << ": " << worst);
}

/// Whether `threads` threads leave the bits that one leaves, on enough weights for many tasks and with numbers so small
/// that processors treat them as zero or not.
template <class Optimizer>
void check_threads(const Optimizer& optimizer) {
  constexpr std::size_t n = 100'000 / 16 * 16;
  std::vector<AlignedBuffer> results;
  for (const int threads : {1, 2, 3}) {
    Arrays a(n);
    cpu::Pool pool(threads);
    for (std::int64_t t = 1; t <= 3; ++t) {
      for (std::size_t i = 0; i < n; ++i)
        a.gradients.floats()[i] =
            (philox::uniform(philox::word({philox::Key(9)}, 0, static_cast<std::uint32_t>(i))) - 0.5f) *
            (i % 2 == 0 ? 1e-19f : 1e-38f);  // squares, or the values, are denormal
      cpu::optimize(pool, optimizer, t, a.weights.floats(), a.gradients.floats(), a.moments.floats(), n);
    }
    results.push_back(std::move(a.weights));
    results.push_back(std::move(a.moments));
  }
  for (std::size_t r = 2; r < results.size(); ++r)
    BOOST_TEST(std::memcmp(results[r].data(), results[r % 2].data(), results[r].size()) == 0, "run " << r);
}

template <class Optimizer>
std::string refusal(const Optimizer& optimizer) {
  return message_of<Error>([&] { optimizer.check(); });
}

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();
const std::string good = "nothing was thrown";

}  // namespace

BOOST_AUTO_TEST_SUITE(train_optimizers)

BOOST_AUTO_TEST_CASE(sgd_takes_the_steps_of_its_formula) {
  check(SGD{}, "defaults");
  check(SGD{.learning_rate = 0.3}, "rate 0.3");
  check(SGD{.learning_rate = 0.1, .momentum = 0.9}, "momentum");
  check(SGD{.learning_rate = 0.1, .momentum = 0.9, .nesterov = true}, "nesterov");
  check(SGD{.learning_rate = 0.1, .momentum = 0, .nesterov = true}, "nesterov without momentum");
}

BOOST_AUTO_TEST_CASE(adam_takes_the_steps_of_its_formula) {
  check(Adam{}, "defaults");
  check(Adam{.learning_rate = 0.1, .beta1 = 0.5, .beta2 = 0.9, .epsilon = 1e-2}, "others");
  check(Adam{.learning_rate = 0.1, .beta1 = 0, .beta2 = 0}, "no memory");
}

BOOST_AUTO_TEST_CASE(defaults_are_keras) {
  BOOST_TEST(SGD{}.learning_rate == 0.01);
  BOOST_TEST(SGD{}.momentum == 0);
  BOOST_TEST(!SGD{}.nesterov);
  BOOST_TEST(Adam{}.learning_rate == 1e-3);
  BOOST_TEST(Adam{}.beta1 == 0.9);
  BOOST_TEST(Adam{}.beta2 == 0.999);
  BOOST_TEST(Adam{}.epsilon == 1e-7);
}

BOOST_AUTO_TEST_CASE(moments_kept) {
  BOOST_TEST(SGD{}.state_slots() == 0);
  BOOST_TEST(SGD{.momentum = 0.5}.state_slots() == 1);
  BOOST_TEST(Adam{}.state_slots() == 2);
}

BOOST_AUTO_TEST_CASE(a_weight_without_a_gradient_stays) {
  // The gaps between tensors live on it: they are zero and must remain so.
  Arrays a(32);
  cpu::Pool pool(1);
  for (std::int64_t t = 1; t <= 5; ++t)
    cpu::optimize(pool, Adam{}, t, a.weights.floats(), a.gradients.floats(), a.moments.floats(), 32);
  cpu::optimize(pool, SGD{.momentum = 0.9}, 1, a.weights.floats(), a.gradients.floats(), a.moments.floats(), 32);
  for (int i = 0; i < 32; ++i) BOOST_REQUIRE(a.weights.floats()[i] == 0);
}

BOOST_AUTO_TEST_CASE(without_moments_there_is_no_memory_for_them) {
  Arrays a(32);
  cpu::Pool pool(1);
  a.gradients.floats()[31] = 1;
  cpu::optimize(pool, SGD{.learning_rate = 0.5}, 1, a.weights.floats(), a.gradients.floats(), nullptr, 32);
  BOOST_TEST(a.weights.floats()[31] == -0.5f);
}

BOOST_AUTO_TEST_CASE(threads_do_not_show) {
  check_threads(SGD{.learning_rate = 0.1});
  check_threads(SGD{.learning_rate = 0.1, .momentum = 0.9});
  check_threads(Adam{});
}

BOOST_AUTO_TEST_CASE(options_out_of_range_are_refused) {
  BOOST_TEST(refusal(SGD{.learning_rate = 0}) == "SGD: learning_rate is 0; it must be above 0");
  BOOST_TEST(refusal(SGD{.learning_rate = -1e-9}) == "SGD: learning_rate is -1e-09; it must be above 0");
  BOOST_TEST(refusal(SGD{.learning_rate = no_number}) != good);
  BOOST_TEST(refusal(SGD{.learning_rate = infinity}) != good);
  BOOST_TEST(refusal(SGD{.momentum = 1}) == "SGD: momentum is 1; it must be at least 0 and below 1");
  BOOST_TEST(refusal(SGD{.momentum = -0.1}) != good);
  BOOST_TEST(refusal(SGD{.momentum = no_number}) != good);
  BOOST_TEST(refusal(Adam{.learning_rate = 0}) != good);
  BOOST_TEST(refusal(Adam{.learning_rate = no_number}) != good);
  BOOST_TEST(refusal(Adam{.beta1 = 1}) == "Adam: beta1 is 1; it must be at least 0 and below 1");
  BOOST_TEST(refusal(Adam{.beta1 = -1}) != good);
  BOOST_TEST(refusal(Adam{.beta2 = 1}) != good);
  BOOST_TEST(refusal(Adam{.beta2 = no_number}) != good);
  // Less than a float can add makes 0 / 0 of a gradient of zero.
  BOOST_TEST(refusal(Adam{.epsilon = 0}) == "Adam: epsilon is 0; it must be between 1e-30 and 1e30");
  BOOST_TEST(refusal(Adam{.epsilon = 1e-50}) != good);
  BOOST_TEST(refusal(Adam{.epsilon = infinity}) != good);
  BOOST_TEST(refusal(decayed(SGD{.learning_rate = 0.5}, 2)) ==
             "weight_decay is 2; it must be at least 0, and below 1 / learning_rate");
  BOOST_TEST(refusal(decayed(SGD{.learning_rate = 0.5}, 1.99)) == good);
  BOOST_TEST(refusal(decayed(SGD{}, -1)) != good);
  BOOST_TEST(refusal(SGD{}) == good);
  BOOST_TEST(refusal(Adam{}) == good);
}

BOOST_AUTO_TEST_SUITE_END()
