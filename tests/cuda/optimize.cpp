// The optimizers' pass, against the CPU's.
#include <simt/accesses.hpp>
#include <simt/simt.hpp>
#include <strata/core/philox.hpp>
#include <strata/cpu/optimize.hpp>
#include <strata/cuda/optimize.cuh>
#include <strata/train/optimizers.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

using namespace strata;

namespace {

struct Arrays {
  std::int64_t floats;
  simt::Global<float> weights, gradients, moments;

  explicit Arrays(std::int64_t n)
      : floats(n),
        weights(static_cast<std::size_t>(n)),
        gradients(static_cast<std::size_t>(n)),
        moments(static_cast<std::size_t>(3 * n), 0.0f) {
    for (std::int64_t i = 0; i < n; ++i) weights.data()[i] = static_cast<float>(i % 31) / 8 - 2;
  }

  void draw_gradients(std::uint32_t step) {
    for (std::int64_t i = 0; i < floats; ++i) {
      const auto word = philox::word({philox::Key(9), step}, 0, static_cast<std::uint32_t>(i));
      gradients.data()[i] =
          i % 7 == 3 ? 0 : (philox::uniform(word) - 0.5f) * std::pow(10.0f, static_cast<float>(i % 9 - 4));
    }
  }
};

template <class Optimizer>
void run_cuda(Arrays& a, const Optimizer& optimizer, std::int64_t number) {
  const simt::Global<cuda::OptimizerStep<Optimizer>> step(1, {optimizer, number});
  cuda::optimize(nullptr, optimizer.state_slots(), step.data(), a.weights.data(), a.gradients.data(), a.moments.data(),
                 a.floats);
}

/// The largest difference, against the largest value: 0 for equal bits.
double difference(const float* a, const float* b, std::int64_t n) {
  double most = 0, largest = 1e-30;
  for (std::int64_t i = 0; i < n; ++i) {
    most = std::max(most, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
    largest = std::max(largest, std::abs(static_cast<double>(b[i])));
  }
  return most / largest;
}

template <class Optimizer>
void check(const Optimizer& optimizer, std::int64_t floats) {
  cpu::Pool pool(1);
  Arrays expected(floats);
  std::vector<Arrays> runs;
  for (std::size_t s = 0; s < simt::three_schedules.size(); ++s) runs.emplace_back(floats);
  for (std::int64_t t = 1; t <= 4; ++t) {
    Optimizer now = optimizer;
    now.learning_rate /= static_cast<double>(t);  // as a schedule does
    expected.draw_gradients(static_cast<std::uint32_t>(t));
    cpu::optimize(pool, now, t, expected.weights.data(), expected.gradients.data(), expected.moments.data(), floats);
    for (std::size_t s = 0; s < runs.size(); ++s) {
      const simt::Machine machine({.schedule = simt::three_schedules[s]});
      runs[s].draw_gradients(static_cast<std::uint32_t>(t));
      run_cuda(runs[s], now, t);
    }
  }
  const auto bytes = static_cast<std::size_t>(floats) * 4;
  for (Arrays& run : runs) {
    BOOST_TEST(difference(run.weights.data(), expected.weights.data(), floats) <= 0x1p-21);
    for (int s = 0; s < optimizer.state_slots(); ++s)
      BOOST_TEST(difference(run.moments.data() + s * floats, expected.moments.data() + s * floats, floats) <= 0x1p-21);
    BOOST_TEST(std::memcmp(run.weights.data(), runs[0].weights.data(), bytes) == 0, "schedules agree bit by bit");
  }
}

template <class Optimizer>
void check_sizes(const Optimizer& optimizer) {
  check(optimizer, 16);
  check(optimizer, 1024 + 16);  // more than a block, and not a whole one
}

}  // namespace

BOOST_AUTO_TEST_SUITE(optimize)

BOOST_AUTO_TEST_CASE(sgd) { check_sizes(SGD{.learning_rate = 0.1}); }
BOOST_AUTO_TEST_CASE(sgd_with_momentum) { check_sizes(SGD{.learning_rate = 0.1, .momentum = 0.9}); }
BOOST_AUTO_TEST_CASE(sgd_nesterov) { check_sizes(SGD{.learning_rate = 0.1, .momentum = 0.9, .nesterov = true}); }
BOOST_AUTO_TEST_CASE(adam) { check_sizes(Adam{.learning_rate = 0.01}); }

BOOST_AUTO_TEST_CASE(adamw) { check_sizes(AdamW{.learning_rate = 0.01}); }
BOOST_AUTO_TEST_CASE(nadam) { check_sizes(Nadam{.learning_rate = 0.01}); }
BOOST_AUTO_TEST_CASE(rmsprop) { check_sizes(RMSprop{.learning_rate = 0.01}); }
BOOST_AUTO_TEST_CASE(rmsprop_with_momentum) { check_sizes(RMSprop{.learning_rate = 0.01, .momentum = 0.9}); }
BOOST_AUTO_TEST_CASE(adagrad) { check_sizes(Adagrad{.learning_rate = 0.01}); }
BOOST_AUTO_TEST_CASE(adadelta) { check_sizes(Adadelta{.learning_rate = 1}); }
BOOST_AUTO_TEST_CASE(averaged_and_decayed) { check_sizes(averaged(decayed(Adam{.learning_rate = 0.01}, 0.1), 0.9)); }

BOOST_AUTO_TEST_CASE(more_packets_than_threads) {
  using Spec = cuda::OptimizeSpec<SGD, 0>;
  constexpr std::int64_t of_a_round = std::int64_t{Spec::most_blocks} * Spec::threads * Spec::floats;
  constexpr std::int64_t floats = of_a_round + 16;
  Arrays a(floats);
  std::fill_n(a.gradients.data(), floats, 1.0f);
  std::vector<float> before(a.weights.data(), a.weights.data() + floats);
  const simt::Machine machine({.find_races = false});
  run_cuda(a, SGD{.learning_rate = 0.5}, 1);
  for (std::int64_t i = 0; i < floats; ++i)
    BOOST_REQUIRE(a.weights.data()[i] == before[static_cast<std::size_t>(i)] - 0.5f);
}

BOOST_AUTO_TEST_CASE(moves_no_more_than_it_must, *boost::unit_test::precondition(simt_test::sees_accesses)) {
  Arrays a(4096);
  a.draw_gradients(1);
  const simt::Traffic traffic;
  run_cuda(a, Adam{}, 1);
  // Besides the packets, all threads read the same few constants.
  BOOST_TEST(traffic.sectors() <= 1.1, traffic.report());
}

BOOST_AUTO_TEST_SUITE_END()
