// fit on the GPU: the CPU's history and parameters, validation, resuming, stops, divergence, memory.
#include <simt/accesses.hpp>
#include <simt/faults.hpp>
#include <simt/runtime/gpu.hpp>
#include <simt/simt.hpp>
#include <strata/data/synthetic_digits.hpp>
#include <strata/losses.hpp>
#include <strata/model/files.hpp>
#include <strata/train/cuda_trainer.cuh>
#include <strata/train/fit.hpp>
#include <strata/train/optimizers.hpp>

#include <cuda/distance.hpp>
#include <io/folder.hpp>
#include <layers/all_cuda.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

using namespace strata;

using cuda_test::distance;

namespace {

struct Layers : Seq<AvgPool<4>, BatchNorm<>, Dropout<20>, Dense<12, ReLU>, Softmax<10>> {};
using Net = Network<Layers, Input<28, 28, 1>>;
using OnGpu = Model<Net, Cuda<Fp32>>;

constexpr Adam adam{.learning_rate = 0.01};

/// Options of a quiet run.
FitOptions quiet(std::int64_t epochs, int batch) {
  return {.epochs = epochs, .batch = batch, .progress = Progress::silent};
}

bool same_bits(const OnGpu& a, const OnGpu& b) {
  const AlignedBuffer &m = a.training().moments, &n = b.training().moments;
  return std::memcmp(a.parameters().data(), b.parameters().data(), a.parameters().size_bytes()) == 0 &&
         m.size() == n.size() && (m.size() == 0 || std::memcmp(m.data(), n.data(), m.size()) == 0);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cuda_trainer)

BOOST_AUTO_TEST_CASE(as_on_the_cpu) {
  const Dataset train = synthetic_digits(53, 1), validation = synthetic_digits(20, 2);
  FitOptions options = quiet(2, 8);
  options.validation = validation;
  Model<Net> cpu{seed(3), threads(1)};
  const History expected = fit(cpu, train, adam, options);
  const simt::Machine machine({.find_races = false});
  const simt::Gpu gpu;
  OnGpu model{seed(3)};
  const History seen = fit(model, train, adam, options);
  BOOST_TEST(distance(model.parameters(), cpu.parameters()) <= 1e-5);
  BOOST_TEST(model.training().steps == cpu.training().steps);
  BOOST_TEST(model.training().epochs == 2);
  BOOST_TEST(!seen.stopped);
  BOOST_REQUIRE(seen.epochs.size() == 2u);
  for (std::size_t e = 0; e < 2; ++e) {
    BOOST_TEST(seen.epochs[e].epoch == expected.epochs[e].epoch);
    BOOST_TEST(seen.epochs[e].samples == 53);
    BOOST_TEST(std::abs(seen.epochs[e].loss - expected.epochs[e].loss) <= 1e-5);
    BOOST_TEST(seen.epochs[e].accuracy == expected.epochs[e].accuracy);
    BOOST_TEST(std::abs(*seen.epochs[e].validation_loss - *expected.epochs[e].validation_loss) <= 1e-5);
    BOOST_TEST(*seen.epochs[e].validation_accuracy == *expected.epochs[e].validation_accuracy);
    BOOST_TEST(seen.epochs[e].complete);
    BOOST_TEST(seen.epochs[e].images_per_second > 0);
  }
  const Evaluation after = evaluate(model, validation);  // sees what was learnt
  BOOST_TEST(after.loss == *seen.epochs[1].validation_loss);
}

BOOST_AUTO_TEST_CASE(steps_of_many_batches_as_on_the_cpu) {
  const Dataset train = synthetic_digits(53, 1);
  FitOptions options = quiet(2, 6);
  options.accumulate = 3;  // two steps of 18, one of 17: batches of 6, 6 and 5
  options.clip_norm = 0.5;
  options.schedule = Schedule::cosine(0.1).warm_up(0.5);
  options.augment = {.rotation = 8, .shift_x = 0.02, .shear = 0.1, .zoom = 0.08};
  options.plateau = {.patience = 1, .least_change = 1e9};  // lowers the rate behind the second epoch
  const auto rule = averaged(SGD{.learning_rate = 0.05, .momentum = 0.9}, 0.5);
  Model<Net> cpu{seed(3), threads(1)};
  const History expected = fit(cpu, train, rule, options);
  const simt::Machine machine({.find_races = false});
  const simt::Gpu gpu;
  OnGpu model{seed(3)};
  int calls = 0;
  std::vector<float> behind;
  options.after_epoch = [&](const EpochRecord&) {
    ++calls;
    behind.assign(model.parameters().begin(), model.parameters().end());
  };
  const History seen = fit(model, train, rule, options);
  BOOST_TEST(calls == 2);
  BOOST_TEST(distance(behind, model.parameters()) == 0);
  BOOST_TEST(distance(model.parameters(), cpu.parameters()) <= 1e-5);
  BOOST_TEST(model.training().steps == cpu.training().steps);
  for (std::size_t e = 0; e < 2; ++e) {
    BOOST_TEST(seen.epochs[e].learning_rate == expected.epochs[e].learning_rate);
    BOOST_TEST(seen.epochs[e].accuracy == expected.epochs[e].accuracy);
    BOOST_TEST(std::abs(seen.epochs[e].loss - expected.epochs[e].loss) <= 1e-5);
  }
  take_average(model, rule);
  take_average(cpu, rule);
  BOOST_TEST(distance(model.parameters(), cpu.parameters()) <= 1e-5);
}

BOOST_AUTO_TEST_CASE(by_another_loss_as_on_the_cpu) {
  const Dataset train = synthetic_digits(20, 1);
  FitOptions options = quiet(1, 8);
  options.validation = train;
  const auto check = [&](const auto& loss) {
    Model<Net> cpu{seed(3), threads(1)};
    const History expected = fit(cpu, train, SGD{.learning_rate = 0.05}, options, loss);
    const simt::Machine machine({.find_races = false});
    const simt::Gpu gpu;
    OnGpu model{seed(3)};
    const History seen = fit(model, train, SGD{.learning_rate = 0.05}, options, loss);
    BOOST_TEST(distance(model.parameters(), cpu.parameters()) <= 1e-5, loss.name);
    BOOST_TEST(std::abs(seen.last().loss - expected.last().loss) <= 1e-5, loss.name);
    BOOST_TEST(std::abs(*seen.last().validation_loss - *expected.last().validation_loss) <= 1e-5, loss.name);
  };
  check(MeanSquaredError{});
  check(CrossEntropy{.label_smoothing = 0.1});
}

BOOST_AUTO_TEST_CASE(the_last_batch_left_out) {
  const Dataset train = synthetic_digits(30, 1);
  FitOptions options = quiet(1, 8);
  options.drop_last = true;
  const simt::Machine machine({.find_races = false});
  const simt::Gpu gpu;
  OnGpu model{seed(3)};
  BOOST_TEST(fit(model, train, adam, options).last().samples == 24);
  BOOST_TEST(model.training().steps == 3);
}

BOOST_AUTO_TEST_CASE(two_and_three_epochs_are_five) {  // through a checkpoint, bit for bit
  const Dataset train = synthetic_digits(21, 1);
  const simt::Machine machine({.find_races = false});
  const simt::Gpu gpu;
  OnGpu whole{seed(3)}, first{seed(3)}, second{seed(99)};
  fit(whole, train, adam, quiet(5, 8));
  fit(first, train, adam, quiet(2, 8));
  const Folder folder;
  save_checkpoint(first, folder.file("two"));
  load_checkpoint(second, folder.file("two"));
  fit(second, train, adam, quiet(3, 8));
  BOOST_TEST(second.training().steps == whole.training().steps);
  BOOST_TEST(same_bits(second, whole));
}

BOOST_AUTO_TEST_CASE(stops_between_launches) {
  const Dataset train = synthetic_digits(64, 1);
  const std::atomic<bool> stop{true};
  FitOptions options = quiet(3, 8);
  options.stop = &stop;
  const simt::Machine machine({.find_races = false});
  const simt::Gpu gpu;
  OnGpu model{seed(3)};
  const History seen = fit(model, train, adam, options);
  BOOST_TEST(seen.stopped);
  BOOST_TEST(seen.epochs.size() == 1u);
  BOOST_TEST(!seen.last().complete);
  BOOST_TEST(seen.last().samples == 8);  // the first look comes behind one step
  BOOST_TEST(model.training().steps == 1);
  BOOST_TEST(model.training().epochs == 0);
  OnGpu one{seed(3)};
  FitOptions rest = quiet(1, 8);
  rest.stop = &stop;
  fit(one, train, adam, rest);
  BOOST_TEST(same_bits(one, model));  // what was learnt until then is there
}

BOOST_AUTO_TEST_CASE(divergence) {
  std::vector<float> values(40 * 784, 0.25f);
  values[17 * 784 + 5] = std::numeric_limits<float>::quiet_NaN();
  const Dataset train = Dataset::own(Net::input_shape, 10, std::move(values), std::vector<std::int32_t>(40, 3));
  const SGD sgd{.learning_rate = 0.125};
  FitOptions options = quiet(1, 8);
  options.shuffle = false;
  const simt::Machine machine({.find_races = false});
  const simt::Gpu gpu;
  OnGpu model{seed(3)};
  try {
    fit(model, train, sgd, options);
    BOOST_ERROR("nothing was thrown");
  } catch (const TrainingDiverged& e) {
    BOOST_TEST(e.epoch == 1);
    BOOST_TEST(e.step == 3);
    BOOST_TEST(simt_test::says(e.what(), "the loss is nan in epoch 1, step 3", "below 0.125"), e.what());
  }
  BOOST_TEST(model.training().steps == 2);
  for (const float w : model.parameters()) BOOST_REQUIRE(std::isfinite(w));
  OnGpu two{seed(3)};
  fit(two, train.take(16), sgd, options);
  BOOST_TEST(same_bits(two, model));
}

// Said before anything is allocated.
BOOST_AUTO_TEST_CASE(more_memory_than_there_is, *boost::unit_test::precondition(simt_test::is_simulated)) {
  const Dataset train = synthetic_digits(200, 1);
  const simt::Machine machine({.find_races = false});
  const simt::Gpu gpu({.memory = 400'000});
  OnGpu model{seed(3)};
  std::string message;
  try {
    fit(model, train, adam, quiet(1, 128));
  } catch (const Error& e) {
    message = e.what();
  }
  BOOST_TEST(simt_test::says(message, "out of memory on the GPU: training with a batch of 128 on 200 samples wants ",
                             "the largest batch that fits is "),
             message);
  BOOST_TEST(gpu.allocations() == 0);
}

BOOST_AUTO_TEST_CASE(a_call_that_fails_leaves_the_model, *boost::unit_test::precondition(simt_test::is_simulated)) {
  const Dataset train = synthetic_digits(20, 1);
  const simt::Machine machine({.find_races = false});
  simt::Gpu gpu;
  OnGpu model{seed(3)}, untouched{seed(3)};
  gpu.fail_next("cudaGraphLaunch", cuda::calls::cudaErrorLaunchFailure);
  BOOST_CHECK_EXCEPTION(fit(model, train, adam, quiet(1, 8)), Error, [](const Error& e) {
    return simt_test::says(e.what(), "CUDA: cudaGraphLaunch for a step of training: ");
  });
  BOOST_TEST(model.training().steps == 0);
  BOOST_TEST(std::memcmp(model.parameters().data(), untouched.parameters().data(), model.parameters().size_bytes()) ==
             0);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(looks)

BOOST_AUTO_TEST_CASE(come_about_ten_times_a_second) {
  strata::detail::Looks looks(32);
  BOOST_TEST(looks.steps() == 1);
  for (int i = 0; i < 20; ++i) looks.took(looks.steps(), 1e-5 * static_cast<double>(looks.steps()));
  BOOST_TEST(looks.steps() <= 10'000);
  BOOST_TEST(looks.steps() > 9'900);
  BOOST_TEST(looks.steps() % 32 == 0);  // whole launches
  looks.took(looks.steps(), 1000);
  BOOST_TEST(looks.steps() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
