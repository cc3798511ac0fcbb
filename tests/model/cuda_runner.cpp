// A model on the GPU against the same model on the CPU: predict, evaluate, Predictor, files.
#include <simt/accesses.hpp>
#include <simt/faults.hpp>
#include <simt/runtime/gpu.hpp>
#include <simt/simt.hpp>
#include <strata/data/synthetic_digits.hpp>
#include <strata/model/cuda_runner.cuh>
#include <strata/model/evaluate.hpp>
#include <strata/model/files.hpp>
#include <strata/model/predictor.hpp>

#include <io/folder.hpp>
#include <layers/all_cuda.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

using namespace strata;

namespace {

struct Layers : Seq<Conv<6, 5, Stride<2>, ReLU>, BatchNorm<>, MaxPool<3>, Dropout<20>, Dense<8, ReLU>, Softmax<10>> {};
using Net = Network<Layers, Input<28, 28, 1, Centered>>;
using OnGpu = Model<Net, Cuda<Fp32>>;

constexpr double bound = 1e-5;  // of probabilities and losses, whose layers round in another order than the CPU's

/// A CPU's model whose running averages are no longer those of the beginning.
Model<Net> some_model() {
  Model<Net> model{seed(7), threads(1)};
  std::span<float> mean = model.tensor("batch_norm_1/moving_mean");
  for (std::size_t i = 0; i < mean.size(); ++i) mean[i] = 0.125f * static_cast<float>(i);
  return model;
}

template <class To>
void copy_parameters(const Model<Net>& from, To& to) {
  std::copy(from.parameters().begin(), from.parameters().end(), to.parameters().begin());
}

double distance(std::span<const float> a, std::span<const float> b) {
  BOOST_REQUIRE(a.size() == b.size());
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    most = std::max(most, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  return most;
}

/// The same samples as floats, preprocessed.
Dataset as_floats(const Dataset& bytes) {
  std::vector<float> values(bytes.bytes().size());
  const Loader<Net::input> loader;
  for (std::int64_t i = 0; i < bytes.size(); ++i)
    loader.load(bytes.image(i), values.data() + i * Net::input_shape.size());
  return Dataset::own(Net::input_shape, 10, std::move(values),
                      std::vector<std::int32_t>(bytes.labels().begin(), bytes.labels().end()));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cuda_runner)

BOOST_AUTO_TEST_CASE(predicts_as_on_the_cpu) {
  Model<Net> cpu = some_model();
  const Dataset bytes = synthetic_digits(9, 3), floats = as_floats(bytes);
  const std::vector<float> expected = predict(cpu, bytes);
  for (const simt::Schedule& schedule : simt::three_schedules) {
    const simt::Machine machine({.schedule = schedule});
    const simt::Gpu gpu;
    OnGpu model{seed(7)};
    copy_parameters(cpu, model);
    const std::vector<float> all = predict(model, bytes);
    BOOST_TEST(distance(all, expected) <= bound);
    BOOST_TEST((predict(model, floats) == all));
    for (const std::int64_t i : {0, 4, 8}) {  // alone: the same bits
      const auto one = predict(model, bytes.image(i));
      BOOST_TEST(std::memcmp(one.data(), all.data() + 10 * i, sizeof one) == 0);
    }
    BOOST_TEST((predict(model, bytes.take(5)) == std::vector<float>(all.begin(), all.begin() + 50)));
  }
}

BOOST_AUTO_TEST_CASE(sees_parameters_that_change) {
  const simt::Machine machine({.find_races = false});
  const simt::Gpu gpu;
  Model<Net> cpu = some_model();
  OnGpu model{seed(7)};
  const Dataset data = synthetic_digits(1, 3);
  const auto before = predict(model, data.image(0));
  for (float& w : model.tensor("dense_2/bias")) w = -w + 1;
  model.tensor("dense_2/bias")[3] = 5;
  const auto after = predict(model, data.image(0));
  BOOST_TEST(after[3] > before[3] + 0.5f);
  copy_parameters(cpu, model);
  BOOST_TEST(distance(predict(model, data.image(0)), predict(cpu, data.image(0))) <= bound);
}

BOOST_AUTO_TEST_CASE(evaluates_as_on_the_cpu) {
  Model<Net> cpu = some_model();
  const Dataset data = synthetic_digits(70, 3);
  std::vector<float> rows(data.size() * 10, 0.05f);
  for (std::int64_t i = 0; i < data.size(); ++i) rows[static_cast<std::size_t>(i * 10 + data.label(i))] = 0.55f;
  const Dataset soft = Dataset::own(
      Net::input_shape, 10, std::vector<std::uint8_t>(data.bytes().begin(), data.bytes().end()), std::move(rows));
  for (const Dataset& d : {data, soft}) {
    const Evaluation expected = evaluate(cpu, d);
    const simt::Machine machine({.find_races = false});
    const simt::Gpu gpu;
    OnGpu model{seed(7)};
    copy_parameters(cpu, model);
    const Evaluation seen = evaluate(model, d);
    BOOST_TEST(seen.samples == 70);
    BOOST_TEST(std::abs(seen.loss - expected.loss) <= bound);
    BOOST_TEST(seen.accuracy == expected.accuracy);
    BOOST_TEST(seen.confusion.counts == expected.confusion.counts, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(evaluates_data_larger_than_the_memory) {
  Model<Net> cpu = some_model();
  const Dataset data = synthetic_digits(300, 3);  // 236,400 bytes there
  const Evaluation expected = evaluate(cpu, data);
  using Runner = strata::detail::Runner<Net, Cuda<Fp32>>;
  const std::size_t workspace = Runner::Evaluator<CrossEntropy>::bytes(256);
  const simt::Machine machine({.find_races = false});
  const auto launches = [&](std::size_t memory) {
    const simt::Gpu gpu({.memory = memory});
    OnGpu model{seed(7)};
    copy_parameters(cpu, model);
    const Evaluation seen = evaluate(model, data);
    BOOST_TEST((seen.confusion == expected.confusion));
    BOOST_TEST(seen.accuracy == expected.accuracy);
    BOOST_TEST(std::abs(seen.loss - expected.loss) <= bound);
    return gpu.graph_launches();
  };
  const int whole = launches(std::size_t{1} << 30), in_parts = launches(workspace + 150'000);
  if (simt::is_simulated) {  // a GPU does not count them, and has the memory that it has
    BOOST_TEST(whole == 2);  // a full batch and the rest
    BOOST_TEST(in_parts > 2);
  }
}

BOOST_AUTO_TEST_CASE(predictor) {
  Model<Net> cpu = some_model();
  Predictor<Net> on_cpu{cpu};
  const Dataset data = synthetic_digits(3, 3);
  const simt::Machine machine({.find_races = false});
  const simt::Gpu gpu;
  std::optional<Predictor<Net, Cuda<Fp32>>> other;
  {
    OnGpu model{seed(7)};
    copy_parameters(cpu, model);
    const Predictor<Net, Cuda<Fp32>> first{model};
    BOOST_TEST(distance(first.parameters(), on_cpu.parameters()) == 0);
    other.emplace(first.share());
  }
  const int before = gpu.allocations();
  const auto probabilities = (*other)(data.bytes().subspan<0, 784>());
  BOOST_TEST(gpu.allocations() == before);
  BOOST_TEST(distance(probabilities, predict(on_cpu, data.image(0))) <= bound);
  BOOST_TEST(distance(predict(*other, data), predict(on_cpu, data)) <= bound);
}

BOOST_AUTO_TEST_CASE(files_go_from_one_backend_to_the_other) {
  Model<Net> cpu = some_model();
  const Folder folder;
  save(cpu, folder.file("net.safetensors"));
  const simt::Machine machine({.find_races = false});
  const simt::Gpu gpu;
  const Dataset data = synthetic_digits(2, 3);
  OnGpu model{seed(1)};
  load(model, folder.file("net.safetensors"));
  BOOST_TEST(distance(predict(model, data), predict(cpu, data)) <= bound);
  auto predictor = load_predictor<Net, Cuda<Fp32>>(folder.file("net.safetensors"));
  BOOST_TEST(distance(predict(predictor, data), predict(cpu, data)) <= bound);
}

// Said before anything is allocated.
BOOST_AUTO_TEST_CASE(more_memory_than_there_is, *boost::unit_test::precondition(simt_test::is_simulated)) {
  const simt::Machine machine({.find_races = false});
  const simt::Gpu gpu({.memory = 60'000});
  OnGpu model{seed(7)};
  const Dataset data = synthetic_digits(64, 3);
  const auto refuses = [&](auto use, const char* what) {
    BOOST_CHECK_EXCEPTION(use(), Error, [&](const Error& e) {
      return simt_test::says(e.what(), "out of memory on the GPU: ", what, " wants ");
    });
  };
  refuses([&] { predict(model, data); }, "predicting with a batch of 64");
  refuses([&] { evaluate(model, data); }, "an evaluation with a batch of 64");
  BOOST_TEST(gpu.allocations() == 1);  // the parameters
}

BOOST_AUTO_TEST_CASE(no_gpu, *boost::unit_test::precondition(simt_test::is_simulated)) {
  BOOST_CHECK_EXCEPTION(OnGpu{}, Error, [](const Error& e) {
    return simt_test::says(e.what(), "CUDA does not work here: no GPU is found", "Model<Net>");
  });
}

BOOST_AUTO_TEST_SUITE_END()
