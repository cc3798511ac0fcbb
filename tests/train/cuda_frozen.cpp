// Frozen fronts and slower blocks on the GPU: as on the CPU, and what is frozen keeps its bits.
#include <simt/accesses.hpp>
#include <simt/runtime/gpu.hpp>
#include <simt/simt.hpp>
#include <strata/data/synthetic_digits.hpp>
#include <strata/plan/transfer.hpp>
#include <strata/train/cuda_trainer.cuh>
#include <strata/train/fit.hpp>
#include <strata/train/optimizers.hpp>

#include <cuda/distance.hpp>
#include <layers/all_cuda.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

using namespace strata;

using cuda_test::distance;

namespace {

using Front = Seq<AvgPool<4>, BatchNorm<>, Dense<9, ReLU>, Dropout<30>>;
struct Slow : Seq<LearningRate<10, Front>, Dropout<20>, Dense<12, ReLU>, LearningRate<50, Dense<10>>, Softmax<>> {};
struct Frosted : Seq<Frozen<Front>, Dropout<20>, Dense<12, ReLU>, Softmax<10>> {};
using In = Input<28, 28, 1>;

/// Trains on both, and compares all parameters.
template <class Layers, class Rule>
std::vector<float> check(const Rule& rule, bool keeps = true, const Augmentation& augment = {}) {
  using Net = Network<Layers, In>;
  const Dataset train = synthetic_digits(53, 1);
  const Dataset validation = synthetic_digits(20, 2);
  FitOptions options{.epochs = 3,
                     .batch = 8,
                     .validation = validation,
                     .augment = augment,
                     .schedule = Schedule::cosine(0.1),
                     .progress = Progress::silent};
  options.features.wanted = keeps;
  Model<Net> cpu{seed(3), threads(1)};
  const History expected = fit(cpu, train, rule, options);
  const simt::Machine machine({.find_races = false});
  const simt::Gpu gpu;
  Model<Net, Cuda<Fp32>> model{seed(3)};
  const History seen = fit(model, train, rule, options);
  BOOST_TEST(distance(model.parameters(), cpu.parameters()) <= 1e-5);
  BOOST_TEST(std::abs(seen.last().loss - expected.last().loss) <= 1e-5);
  BOOST_TEST(std::abs(*seen.last().validation_loss - *expected.last().validation_loss) <= 1e-5);
  BOOST_TEST(*seen.last().validation_accuracy == *expected.last().validation_accuracy);
  Model<Net> before{seed(3), threads(1)};
  for (const Segment& s : Net::parameters.segments) {
    const auto part = [&](const auto& m) {
      return m.parameters().subspan(static_cast<std::size_t>(s.offset), static_cast<std::size_t>(s.parameter.size()));
    };
    if (s.learning_rate_factor == 0)
      BOOST_TEST(std::ranges::equal(part(std::as_const(model)), part(std::as_const(before))), s.parameter.name);
    else
      BOOST_TEST(!std::ranges::equal(part(std::as_const(model)), part(std::as_const(before))), s.parameter.name);
  }
  return {model.parameters().begin(), model.parameters().end()};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cuda_frozen)

BOOST_AUTO_TEST_CASE(a_frozen_front_once_and_in_every_step) {
  const Adam adam{.learning_rate = 0.01};
  BOOST_TEST((check<Frosted>(adam) == check<Frosted>(adam, false)), "the same bits");
}
BOOST_AUTO_TEST_CASE(versions_of_the_images) {
  const Adam adam{.learning_rate = 0.01};
  const Augmentation two{.shift_x = 0.1, .flip_x = true, .versions = 2};
  BOOST_TEST((check<Frosted>(adam, true, two) == check<Frosted>(adam, false, two)), "the same bits");
}
BOOST_AUTO_TEST_CASE(slower_blocks) { check<Slow>(SGD{.learning_rate = 0.1, .momentum = 0.9}); }
BOOST_AUTO_TEST_CASE(slower_blocks_with_moments) { check<Slow>(Adam{.learning_rate = 0.01}); }

BOOST_AUTO_TEST_SUITE_END()
