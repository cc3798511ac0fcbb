// Whole networks, some steps of training on the device against fit on the CPU: the same samples, masks and weights.
#pragma once

#include <simt/runtime/gpu.hpp>
#include <simt/simt.hpp>
#include <strata/cuda/training.cuh>
#include <strata/strata.hpp>

#include <cuda/distance.hpp>
#include <layers/all_cuda.hpp>
#include <reference_models.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <span>
#include <vector>

namespace cuda_test {

using namespace strata;

/// Trains `steps` batches on both and compares the parameters. Beside their distance it tells that of the ways they
/// went, |device - CPU| / |CPU - start|, which says more of the gradients. A step is to take `most_launches`, or fewer.
template <class Net, class P, class Optimizer>
void check(const Optimizer& optimizer, int batch, int steps, double tolerance, int most_launches) {
  constexpr std::uint64_t number = 42;
  constexpr int classes = static_cast<int>(Net::output.size());
  const auto pixel_count = static_cast<std::size_t>(Net::input_shape.size());
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(steps * batch) * pixel_count);
  std::vector<std::int32_t> labels(static_cast<std::size_t>(steps * batch));
  std::uint32_t state = 1;
  for (std::uint8_t& p : pixels) p = static_cast<std::uint8_t>((state = state * 1664525u + 1013904223u) >> 24);
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::int32_t>(i * 7 % classes);

  Model<Net> model{seed(number), threads(2)};
  const std::vector<float> start(model.parameters().begin(), model.parameters().end());
  const History history = fit(model, Dataset::view(Net::input_shape, classes, pixels, labels), optimizer,
                              {.epochs = 1, .batch = batch, .progress = Progress::silent});

  const simt::Machine machine({.find_races = false});
  const simt::Gpu gpu;
  using Steps = Plan<Net, Mode::training, Cuda<P>, LossOnLogits>;
  cuda::OwnedStream stream;
  const cuda::DeviceDataset<typename Net::input> data(stream, std::span<const std::uint8_t>(pixels), labels, {});
  cuda::Training<Steps, Optimizer> training(data, optimizer, number, {.batch = batch});
  std::vector<float> arena = start;
  std::vector<float> moments(static_cast<std::size_t>(Net::parameters.trainable_floats * optimizer.state_slots()));
  training.upload(arena, moments);
  training.begin_epoch(0, 0);
  cuda::wait_for(training.stream(), "a test");
  const int kernels_before = gpu.kernels_run();
  training.run(training.full_steps());
  training.download(arena, moments);
  const int launches = (gpu.kernels_run() - kernels_before) / steps;
  BOOST_TEST(launches <= most_launches);

  std::vector<float> went(start.size()), wanted(start.size());
  for (std::size_t i = 0; i < start.size(); ++i) {
    went[i] = arena[i] - start[i];
    wanted[i] = model.parameters()[i] - start[i];
  }
  BOOST_TEST(distance(arena, model.parameters()) <= tolerance);
  BOOST_TEST_MESSAGE("parameters " << distance(arena, model.parameters()) << ", way " << distance(went, wanted) << ", "
                                   << launches << " launches a step");
  BOOST_TEST(training.tally().steps == steps);
  BOOST_TEST(std::abs(training.tally().loss / (steps * batch) - history.last().loss) <=
             10 * tolerance * history.last().loss);
}

struct EveryLayer : Seq<Conv<10, 3, Same, LeakyReLU<8>>, MaxPool<2>, BatchNorm<>, Dropout<20>, Conv<12, 3, Stride<2>>,
                        ReLU, AvgPool<2>, Flatten, Dense<16, ReLU>, BatchNorm<>, Dropout<10>, Softmax<5>> {};
using Every = Network<EveryLayer, Input<14, 12, 3>>;

inline constexpr SGD momentum{.learning_rate = 0.01, .momentum = 0.9};

}  // namespace cuda_test
