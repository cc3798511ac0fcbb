// Bytes that the first group loads itself against floats that were made of them before: the same bits, one launch less.
#include <simt/runtime/gpu.hpp>
#include <simt/simt.hpp>
#include <strata/cuda/evaluation.cuh>
#include <strata/cuda/prediction.cuh>
#include <strata/cuda/training.cuh>
#include <strata/strata.hpp>

#include <layers/all_cuda.hpp>

#include <boost/test/unit_test.hpp>

#include <cstring>
#include <span>
#include <vector>

using namespace strata;

namespace {

constexpr std::uint64_t seed_value = 42;
constexpr int samples = 11, batch = 4, classes = 3;

/// What training, evaluation and prediction of some samples leave.
struct Left {
  std::vector<float> arena, outputs;
  double loss = 0, evaluated_loss = 0;
  int launches = 0;
};

template <class Net, class T>
Left run(std::span<const T> data, const simt::Schedule& schedule) {
  using In = typename Net::input;
  const simt::Machine machine({.schedule = schedule});
  const simt::Gpu gpu;
  std::vector<std::int32_t> labels(samples);
  for (std::size_t i = 0; i < samples; ++i) labels[i] = static_cast<std::int32_t>(i * i % classes);
  Left left;
  const Model<Net> model{seed(seed_value), threads(1)};
  left.arena.assign(model.parameters().begin(), model.parameters().end());
  cuda::OwnedStream stream;
  const cuda::DeviceDataset<In> on_device(stream, data, labels, {});
  const SGD sgd{.learning_rate = 0.05, .momentum = 0.9};
  cuda::Training<Plan<Net, Mode::training, Cuda<Fp32>, LossOnLogits>, SGD> training(on_device, sgd, seed_value,
                                                                                    {.batch = batch});
  std::vector<float> moments(static_cast<std::size_t>(Net::parameters.trainable_floats * sgd.state_slots()));
  training.upload(left.arena, moments);
  training.begin_epoch(0, 0);
  cuda::wait_for(training.stream(), "a test");
  const int before = gpu.kernels_run();
  training.run(training.full_steps());
  training.run_last();
  left.loss = training.tally().loss;
  training.download(left.arena, moments);
  left.launches = gpu.kernels_run() - before;

  cuda::Evaluation<Plan<Net, Mode::inference, Cuda<Fp32>, LossOnLogits>> evaluation(stream, on_device, training.arena(),
                                                                                    batch);
  std::vector<unsigned> confusion(classes * classes);
  left.evaluated_loss = evaluation.run(confusion).loss;
  cuda::Prediction<Plan<Net, Mode::inference, Cuda<Fp32>>> prediction(stream, training.arena(), samples);
  left.outputs.resize(samples * classes);
  prediction.run(data, left.outputs.data());
  return left;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

template <class Net>
void check() {
  using In = typename Net::input;
  constexpr auto size = static_cast<std::size_t>(Net::input_shape.size());
  std::vector<std::uint8_t> bytes(samples * size);
  std::uint32_t state = 1;
  for (std::uint8_t& b : bytes) b = static_cast<std::uint8_t>((state = state * 1664525u + 1013904223u) >> 24);
  const Dataset dataset = Dataset::view(Net::input_shape, std::span<const std::uint8_t>(bytes));
  std::vector<float> floats(bytes.size());
  const Loader<In> loader;
  for (std::size_t i = 0; i < samples; ++i)
    loader.load(dataset.image(static_cast<std::int64_t>(i)), floats.data() + i * size);
  const Left expected = run<Net>(std::span<const float>(floats), simt::three_schedules[0]);
  for (const simt::Schedule& schedule : simt::three_schedules) {
    const Left left = run<Net>(std::span<const std::uint8_t>(bytes), schedule);
    BOOST_TEST(same_bits(left.arena, expected.arena));
    BOOST_TEST(same_bits(left.outputs, expected.outputs));
    BOOST_TEST(left.loss == expected.loss);
    BOOST_TEST(left.evaluated_loss == expected.evaluated_loss);
    if (simt::is_simulated) BOOST_TEST(left.launches == expected.launches - 3);  // of three steps; a GPU does not count
  }
}

struct Valid : Seq<Conv<8, 3>, ReLU, MaxPool<2>, Flatten, Softmax<classes>> {};
struct Framed : Seq<Conv<6, 3, Same>, MaxPool<2>, Dropout<20>, Flatten, Softmax<classes>> {};

}  // namespace

BOOST_AUTO_TEST_SUITE(byte_batch)

BOOST_AUTO_TEST_CASE(grey) { check<Network<Valid, Input<8, 8, 1, Centered>>>(); }
BOOST_AUTO_TEST_CASE(reversed_colours) { check<Network<Valid, Input<6, 8, 3, Caffe>>>(); }
BOOST_AUTO_TEST_CASE(scaled_colours) { check<Network<Framed, Input<6, 7, 3, Torch>>>(); }

BOOST_AUTO_TEST_SUITE_END()
