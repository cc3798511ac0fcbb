// Training on the device against fit on the CPU: the same samples, masks, losses and parameters; and recorded steps
// against steps launched one by one.
#include <simt/accesses.hpp>
#include <simt/faults.hpp>
#include <simt/runtime/gpu.hpp>
#include <simt/simt.hpp>
#include <strata/cuda/training.cuh>
#include <strata/layers/dropout/dropout.hpp>
#include <strata/layers/relu/relu.hpp>
#include <strata/layers/softmax/softmax.hpp>
#include <strata/train/fit.hpp>
#include <strata/train/optimizer/adam.hpp>
#include <strata/train/optimizer/sgd.hpp>

#include <cuda/plain_layers.cuh>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace strata;
using cuda_test::PlainDense;
using cuda_test::Ticks;

namespace {

struct Small : Seq<ReLU, PlainDense<20>, ReLU, Dropout<20>, PlainDense<7>, Dropout<10>, PlainDense<5>, Softmax<>> {};
using Net = Network<Small, Input<3, 4, 1, Centered>>;
using P = Plan<Net, Mode::training, Cuda<Fp32>, LossOnLogits>;

constexpr std::uint64_t seed_value = 42;
constexpr int samples = 37, classes = 5;

std::vector<std::uint8_t> pixels() {
  std::vector<std::uint8_t> all(samples * 12);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(i * i * 31 + i * 7);
  return all;
}

std::vector<std::int32_t> labels() {
  std::vector<std::int32_t> all(samples);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int32_t>(i * i % classes);
  return all;
}

/// Parameters and moments, as they are between epochs.
struct Numbers {
  std::vector<float> arena, moments;
  std::int64_t steps = 0;
  cuda::Tally tally{};
};

template <class Network, class Optimizer>
Numbers fresh(const Optimizer& optimizer) {
  Numbers numbers;
  numbers.arena.resize(static_cast<std::size_t>(Network::parameters.floats));
  AlignedBuffer arena(Network::parameters.arena_bytes());
  initialize(view_of<Network>(), arena.floats(), philox::Key(seed_value));
  std::copy_n(arena.floats(), numbers.arena.size(), numbers.arena.begin());
  numbers.moments.resize(static_cast<std::size_t>(Network::parameters.trainable_floats * optimizer.state_slots()));
  return numbers;
}

/// Trains on the device, from the second epoch on with another optimizer where there is one.
template <class Plan, class Optimizer>
Numbers train(const Optimizer& optimizer, int epochs, const cuda::TrainingOptions& options,
              const Optimizer* later = nullptr) {
  using Network = typename Plan::network;
  Numbers numbers = fresh<Network>(optimizer);
  const auto bytes = pixels();
  const auto truth = labels();
  cuda::OwnedStream stream;
  const cuda::DeviceDataset<typename Network::input> data(stream, std::span<const std::uint8_t>(bytes), truth, {});
  cuda::Training<Plan, Optimizer> training(data, optimizer, seed_value, options);
  training.upload(numbers.arena, numbers.moments);
  for (int e = 0; e < epochs; ++e) {
    if (e == 1 && later != nullptr) training.set_optimizer(*later);
    training.begin_epoch(e, numbers.steps);
    training.run(training.full_steps());
    if (training.last_samples() > 0) training.run_last();
    numbers.tally = training.tally();
    numbers.steps += numbers.tally.steps;
  }
  training.download(numbers.arena, numbers.moments);
  return numbers;
}

/// |a - b| / |b|.
double distance(const std::vector<float>& a, std::span<const float> b) {
  double difference = 0, size = 1e-30;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += std::pow(static_cast<double>(a[i]) - static_cast<double>(b[i]), 2);
    size += std::pow(static_cast<double>(b[i]), 2);
  }
  return std::sqrt(difference / size);
}

template <class Optimizer>
void check_against_fit(const Optimizer& optimizer, bool shuffle = true) {
  Model<Net> model{seed(seed_value), threads(1)};
  const Dataset data = Dataset::own(Net::input_shape, classes, pixels(), labels());
  const History history =
      fit(model, data, optimizer, {.epochs = 2, .batch = 8, .shuffle = shuffle, .progress = Progress::silent});
  for (const simt::Schedule& schedule : simt::three_schedules) {
    const simt::Machine machine({.schedule = schedule});
    const simt::Gpu gpu;
    const Numbers left = train<P>(optimizer, 2, {.batch = 8, .shuffle = shuffle, .launches = {.steps = 3}});
    BOOST_TEST(left.steps == model.training().steps);
    BOOST_TEST(distance(left.arena, model.parameters()) <= 1e-6);
    const std::span<const float> moments(model.training().moments.floats(), left.moments.size());
    BOOST_TEST(distance(left.moments, moments) <= 1e-5);
    BOOST_TEST(left.tally.samples == samples);
    BOOST_TEST(std::abs(left.tally.loss / samples - history.last().loss) <= 1e-6);
    BOOST_TEST(static_cast<double>(left.tally.correct) / samples == history.last().accuracy);
    if (simt::is_simulated)
      BOOST_TEST(gpu.graph_launches() == 2 * 3);  // an epoch: 3 steps, one more, and the last batch of 5
  }
}

bool same(const Numbers& a, const Numbers& b) {
  const auto same_bits = [](const std::vector<float>& x, const std::vector<float>& y) {
    return x.size() == y.size() && std::memcmp(x.data(), y.data(), x.size() * sizeof(float)) == 0;
  };
  return same_bits(a.arena, b.arena) && same_bits(a.moments, b.moments) && a.tally.loss == b.tally.loss &&
         a.tally.correct == b.tally.correct && a.steps == b.steps;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(training)

BOOST_AUTO_TEST_CASE(adam_as_on_the_cpu) { check_against_fit(Adam{.learning_rate = 0.01}); }
BOOST_AUTO_TEST_CASE(momentum_as_on_the_cpu) { check_against_fit(SGD{.learning_rate = 0.1, .momentum = 0.9}); }
BOOST_AUTO_TEST_CASE(unshuffled_as_on_the_cpu) { check_against_fit(SGD{.learning_rate = 0.1}, false); }

BOOST_AUTO_TEST_CASE(a_learning_rate_that_changes) {  // though the recording stays
  const SGD first{.learning_rate = 0.1, .momentum = 0.9}, second{.learning_rate = 0.01, .momentum = 0.9};
  Model<Net> model{seed(seed_value), threads(1)};
  const Dataset data = Dataset::own(Net::input_shape, classes, pixels(), labels());
  for (const SGD& sgd : {first, second}) fit(model, data, sgd, {.batch = 8, .progress = Progress::silent});
  const simt::Gpu gpu;
  const Numbers left = train<P>(first, 2, {.batch = 8, .launches = {.steps = 2}}, &second);
  BOOST_TEST(distance(left.arena, model.parameters()) <= 1e-6);
}

BOOST_AUTO_TEST_CASE(recorded_steps_are_steps) {
  const Adam adam{.learning_rate = 0.01};
  const auto run = [&](bool records, int steps_per_launch) {
    const simt::Machine machine({.find_races = false});
    const simt::Gpu gpu;
    return train<P>(adam, 1, {.batch = 7, .launches = {steps_per_launch, records}});
  };
  const Numbers direct = run(false, 1);
  BOOST_TEST(direct.steps == 6);           // five full ones and the last
  BOOST_TEST(same(run(true, 1), direct));  // one recording, launched five times
  BOOST_TEST(same(run(true, 2), direct));  // twice two steps and one
  BOOST_TEST(same(run(true, 100), direct));
}

BOOST_AUTO_TEST_CASE(a_batch_larger_than_the_data) {
  const simt::Gpu gpu;
  const Numbers left = train<P>(SGD{.learning_rate = 0.1}, 1, {.batch = 64});
  BOOST_TEST(left.steps == 1);
  BOOST_TEST(left.tally.samples == samples);
}

BOOST_AUTO_TEST_CASE(takes_the_memory_that_it_says, *boost::unit_test::precondition(simt_test::is_simulated)) {
  const simt::Gpu gpu;
  const cuda::OwnedStream stream;
  const auto bytes = pixels();
  const cuda::DeviceDataset<Net::input> data(stream, std::span<const std::uint8_t>(bytes), labels(), {});
  const std::size_t before = gpu.bytes_in_use();
  BOOST_TEST(before == cuda::DeviceDataset<Net::input>::bytes(samples, true, 0));
  const cuda::Training<P, Adam> training(data, Adam{}, seed_value, {.batch = 16});
  BOOST_TEST(gpu.bytes_in_use() - before == (cuda::Training<P, Adam>::bytes({.batch = 16}, Adam{})));
}

BOOST_AUTO_TEST_CASE(more_memory_than_there_is, *boost::unit_test::precondition(simt_test::is_simulated)) {
  using Training = cuda::Training<P, Adam>;
  const std::size_t room = Training::bytes({.batch = 16}, Adam{}) + 4096;
  BOOST_TEST(Training::max_batch(Training::bytes({.batch = 16}, Adam{}), {}, Adam{}) == 16);
  BOOST_TEST(Training::max_batch(100, {}, Adam{}) == 0);
  const simt::Gpu gpu({.memory = room});
  std::string message;
  try {
    train<P>(Adam{}, 1, {.batch = 32});
  } catch (const Error& e) {
    message = e.what();
  }
  BOOST_TEST(simt_test::says(message, "out of memory on the GPU: training with a batch of 32 wants ",
                             "the largest batch that fits is "),
             message);
  BOOST_TEST(gpu.allocations() == 2);  // the data set's alone: samples and labels
}

BOOST_AUTO_TEST_SUITE_END()

// A step whose loss is no finite number leaves everything as it was before.
BOOST_AUTO_TEST_SUITE(divergence)

namespace {

struct Counting : Seq<Ticks, PlainDense<5>, Softmax<>> {};
using CountingNet = Network<Counting, Input<3, 4, 1>>;
using CountingPlan = Plan<CountingNet, Mode::training, Cuda<Fp32>, LossOnLogits>;

/// Trains on floats, of which sample `bad` holds one that is no number; -1 for none.
Numbers train_on(int bad, int steps, int steps_per_launch) {
  const simt::Gpu gpu;
  const SGD sgd{.learning_rate = 0.1, .momentum = 0.5};
  Numbers numbers = fresh<CountingNet>(sgd);
  std::vector<float> values(samples * 12, 0.25f);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 7) / 8;
  if (bad >= 0) values[static_cast<std::size_t>(bad) * 12 + 4] = std::numeric_limits<float>::quiet_NaN();
  const auto truth = labels();
  cuda::OwnedStream stream;
  const cuda::DeviceDataset<CountingNet::input> data(stream, std::span<const float>(values), truth, {});
  cuda::Training<CountingPlan, SGD> training(data, sgd, seed_value,
                                             {.batch = 4, .shuffle = false, .launches = {.steps = steps_per_launch}});
  training.upload(numbers.arena, numbers.moments);
  training.begin_epoch(0, 0);
  training.run(steps);
  numbers.tally = training.tally();
  numbers.steps = numbers.tally.steps;
  training.download(numbers.arena, numbers.moments);
  return numbers;
}

}  // namespace

BOOST_AUTO_TEST_CASE(leaves_what_was_before_the_step) {
  for (const int steps_per_launch : {1, 9}) {
    const Numbers left = train_on(14, 9, steps_per_launch);  // in the fourth step of nine
    const Numbers expected = train_on(-1, 3, steps_per_launch);
    BOOST_TEST(left.tally.stopped == 1u);
    BOOST_TEST(std::isnan(left.tally.stopped_loss));
    BOOST_TEST(expected.tally.stopped == 0u);
    BOOST_TEST(same(left, expected));
    BOOST_TEST(left.arena[static_cast<std::size_t>(CountingNet::parameters.trainable_floats)] == 3);  // ticks
  }
}

BOOST_AUTO_TEST_SUITE_END()
