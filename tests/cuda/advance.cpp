// The end of a step: sums, cursor, optimizer, and the copy of the state, for steps that are good and others.
#include <simt/accesses.hpp>
#include <simt/simt.hpp>
#include <strata/cuda/advance.cuh>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>

using namespace strata;

namespace {

/// The constants of its step: what an optimizer's formula needs.
struct Halving {
  struct Constants {
    double rate;
  };
  STRATA_HD Constants constants(std::int64_t step) const { return {1.0 / static_cast<double>(step)}; }
};

struct Step {
  int batch;
  simt::Global<cuda::Cursor> cursor{1, {.order = Permutation(1000, 1, 0), .shuffles = 1, .step = 7, .place = 64}};
  simt::Global<cuda::Tally> tally{1, {}};
  simt::Global<cuda::OptimizerStep<Halving>> optimizer{1, {Halving{}, 8}};
  simt::Global<float> state, copy;
  simt::Global<std::byte> records;

  Step(int n, std::size_t floats)
      : batch(n), state(floats), copy(floats, 0.0f), records(static_cast<std::size_t>(n) * 64) {
    for (std::size_t i = 0; i < floats; ++i) state[i] = static_cast<float>(i);
    for (int i = 0; i < n; ++i) {
      record().loss[i] = static_cast<float>(i % 10) / 8;
      record().correct[i] = i % 3 == 0;
    }
  }

  cuda::SampleRecords record() { return {records.data(), batch}; }

  void run(bool ends_step = true) {
    cuda::advance(nullptr, batch,
                  cuda::Advance<cuda::OptimizerStep<Halving>>{.cursor = cursor.data(),
                                                              .tally = tally.data(),
                                                              .optimizer = optimizer.data(),
                                                              .ends_step = ends_step,
                                                              .state = state.data(),
                                                              .state_copy = copy.data(),
                                                              .state_floats = static_cast<std::int64_t>(state.size())},
                  record());
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(advance)

BOOST_AUTO_TEST_CASE(a_good_step) {
  for (const simt::Schedule& schedule : simt::three_schedules) {
    const simt::Machine machine({.schedule = schedule});
    for (const int batch : {1, 32, 300}) {
      Step step(batch, 1024 + 16);
      double loss = 0;
      std::int64_t correct = 0;
      for (int i = 0; i < batch; ++i) {
        loss += static_cast<double>(step.record().loss[i]);  // eighths: exact in any order
        correct += step.record().correct[i];
      }
      step.run();
      step.run();
      const cuda::Tally& tally = step.tally[0];
      BOOST_TEST(tally.loss == 2 * loss);
      BOOST_TEST(tally.correct == 2 * correct);
      BOOST_TEST(tally.samples == 2 * batch);
      BOOST_TEST(tally.steps == 2);
      BOOST_TEST(tally.stopped == 0u);
      BOOST_TEST(step.cursor[0].place == 64 + 2 * batch);
      BOOST_TEST(step.cursor[0].step == 9u);
      BOOST_TEST(step.optimizer[0].number == 10);
      BOOST_TEST(step.optimizer[0].constants.rate == 0.1);
      BOOST_TEST(step.copy[1039] == 1039);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_step_that_is_given_up) {
  for (const simt::Schedule& schedule : simt::three_schedules) {
    const simt::Machine machine({.schedule = schedule});
    Step step(32, 16);
    step.record().loss[5] = std::numeric_limits<float>::infinity();
    step.tally[0].not_finite = 1;
    step.run();
    BOOST_TEST(step.tally[0].stopped == 1u);
    BOOST_TEST(std::isinf(step.tally[0].stopped_loss));
    step.record().loss[5] = 0;
    step.run();  // the steps behind it change nothing
    BOOST_TEST(std::isinf(step.tally[0].stopped_loss));
    BOOST_TEST(step.tally[0].samples == 0);
    BOOST_TEST(step.tally[0].loss == 0);
    BOOST_TEST(step.cursor[0].place == 64);
    BOOST_TEST(step.cursor[0].step == 7u);
    BOOST_TEST(step.optimizer[0].number == 8);
    BOOST_TEST(step.copy[15] == 0);
  }
}

BOOST_AUTO_TEST_CASE(without_state) {
  Step step(3, 0);
  step.run();
  BOOST_TEST(step.tally[0].samples == 3);
}

BOOST_AUTO_TEST_CASE(batches_of_one_step) {
  const simt::Machine machine({});
  Step step(32, 64);
  step.run(false);
  step.run(false);
  BOOST_TEST(step.tally[0].samples == 64);  // sums and cursor move on with each batch
  BOOST_TEST(step.cursor[0].place == 64 + 64);
  BOOST_TEST(step.cursor[0].step == 9u);
  BOOST_TEST(step.tally[0].steps == 0);  // the step does not end, nor may it be given up to here
  BOOST_TEST(step.optimizer[0].number == 8);
  BOOST_TEST(step.copy[5] == 0.0f);
  step.run();
  BOOST_TEST(step.tally[0].steps == 1);
  BOOST_TEST(step.optimizer[0].number == 9);
  BOOST_TEST(step.copy[5] == 5.0f);
}

BOOST_AUTO_TEST_SUITE_END()
