// Evaluation on the device against evaluate on the CPU.
#include <simt/runtime/gpu.hpp>
#include <simt/simt.hpp>
#include <strata/cuda/evaluation.cuh>
#include <strata/layers/dropout/dropout.hpp>
#include <strata/layers/relu/relu.hpp>
#include <strata/layers/sigmoid/sigmoid.hpp>
#include <strata/layers/softmax/softmax.hpp>
#include <strata/losses.hpp>
#include <strata/model/evaluate.hpp>

#include <cuda/plain_layers.cuh>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace strata;
using cuda_test::PlainDense;

namespace {

struct Layers : Seq<PlainDense<20>, ReLU, Dropout<20>, PlainDense<5>, Softmax<>> {};
using Net = Network<Layers, Input<3, 4, 1>>;
using P = Plan<Net, Mode::inference, Cuda<Fp32>, LossOnLogits>;

struct One : Seq<PlainDense<1>, Sigmoid> {};
using OneNet = Network<One, Input<3, 4, 1>>;

constexpr int samples = 37, classes = 5;

std::vector<float> pixels() {
  std::vector<float> all(samples * 12);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<float>(i * i * 31 % 97) / 64;
  return all;
}

/// Labels, and targets of which each label has the most.
std::vector<std::int32_t> labels() {
  std::vector<std::int32_t> all(samples);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int32_t>(i * i % classes);
  return all;
}
std::vector<float> targets() {
  std::vector<float> all(samples * classes, 0.0625f);
  for (std::size_t i = 0; i < samples; ++i) all[i * classes + i * i % classes] = 0.75f;
  return all;
}

/// The model's parameters and a data set, on the device.
struct OnTheDevice {
  cuda::OwnedStream stream;
  cuda::DeviceDataset<Net::input> data;
  cuda::DeviceBuffer<float> arena{static_cast<std::size_t>(Net::parameters.floats) + 16, "a test"};

  OnTheDevice(const Model<Net>& model, const std::vector<float>& values, const std::vector<float>& rows)
      : data(stream, std::span<const float>(values), labels(), rows) {
    arena.upload(stream, model.parameters());
    cuda::wait_for(stream, "a test");
  }
};

void check(Model<Net>& model, const Dataset& data, const std::vector<float>& rows) {
  const Evaluation expected = evaluate(model, data);
  for (const simt::Schedule& schedule : simt::three_schedules) {
    const simt::Machine machine({.schedule = schedule});
    const simt::Gpu gpu;
    OnTheDevice device(model, pixels(), rows);
    cuda::Evaluation<P> evaluation(device.stream, device.data, device.arena.data(), 8, {.steps = 3});
    for (int again = 0; again < 2; ++again) {
      std::vector<unsigned> confusion(classes * classes);
      const cuda::Tally tally = evaluation.run(confusion);
      BOOST_TEST(tally.samples == samples);
      BOOST_TEST(std::abs(tally.loss / samples - expected.loss) <= 1e-6);
      BOOST_TEST(static_cast<double>(tally.correct) / samples == expected.accuracy);
      BOOST_TEST(confusion == expected.confusion.counts, boost::test_tools::per_element());
    }
    if (simt::is_simulated) BOOST_TEST(gpu.graph_launches() == 2 * 3);  // 3 steps, one more, and the last batch of 5
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(evaluation)

BOOST_AUTO_TEST_CASE(labels_as_on_the_cpu) {
  Model<Net> model{seed(42), threads(1)};
  check(model, Dataset::own(Net::input_shape, classes, pixels(), labels()), {});
}

BOOST_AUTO_TEST_CASE(targets_as_on_the_cpu) {
  Model<Net> model{seed(42), threads(1)};
  check(model, Dataset::own(Net::input_shape, classes, pixels(), targets()), targets());
}

BOOST_AUTO_TEST_CASE(one_output_as_on_the_cpu) {
  using Judge = cuda::Evaluation<Plan<OneNet, Mode::inference, Cuda<Fp32>>, BinaryCrossEntropy>;
  Model<OneNet> model{seed(3), threads(1)};
  std::vector<float> rows(samples);
  std::vector<std::int32_t> bits(samples);
  for (std::size_t i = 0; i < samples; ++i) rows[i] = static_cast<float>(bits[i] = i % 3 == 0);
  const Dataset data = Dataset::own(OneNet::input_shape, 1, pixels(), rows);
  const BinaryCrossEntropy loss{.from_logits = false};
  const Evaluation expected = evaluate(model, data, loss);
  BOOST_TEST(expected.confusion.classes == 2);
  const simt::Gpu gpu;
  const cuda::OwnedStream stream;
  const std::vector<float> values = pixels();
  const cuda::DeviceDataset<OneNet::input> on_device(stream, std::span<const float>(values), bits, rows);
  cuda::DeviceBuffer<float> arena(static_cast<std::size_t>(OneNet::parameters.floats) + 16, "a test");
  arena.upload(stream, model.parameters());
  cuda::wait_for(stream, "a test");
  Judge judge(stream, on_device, arena.data(), 16, {}, loss);
  std::vector<unsigned> confusion(4);
  const cuda::Tally tally = judge.run(confusion);
  BOOST_TEST(confusion == expected.confusion.counts, boost::test_tools::per_element());
  BOOST_TEST(expected.confusion.count(0, 1) + expected.confusion.count(1, 1) > 0);
  BOOST_TEST(expected.confusion.count(0, 0) + expected.confusion.count(1, 0) > 0);
  BOOST_TEST(static_cast<double>(tally.correct) / samples == expected.accuracy);
}

BOOST_AUTO_TEST_CASE(a_loss_that_is_no_number) {
  Model<Net> model{seed(42), threads(1)};
  const simt::Gpu gpu;
  std::vector<float> values = pixels();
  values[100] = std::numeric_limits<float>::quiet_NaN();
  OnTheDevice device(model, values, {});
  cuda::Evaluation<P> evaluation(device.stream, device.data, device.arena.data(), 64);
  std::vector<unsigned> confusion(classes * classes);
  const cuda::Tally tally = evaluation.run(confusion);
  BOOST_TEST(std::isnan(tally.loss));
  BOOST_TEST(tally.samples == samples);  // it goes on, as on the CPU
}

BOOST_AUTO_TEST_SUITE_END()
