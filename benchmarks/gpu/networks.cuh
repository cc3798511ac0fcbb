// Cells of a network: steps of training, and predictions of a batch.
//
// The least bytes of a step: each value between two groups is written and read once, in training read again on the way
// back, and its gradient written and read; each parameter is read once on each way; the optimizer reads parameter,
// gradient and moments, and writes parameter and moments. Whether a cache holds some of it is not asked.
#pragma once

#include <strata/cuda/training.cuh>
#include <strata/strata.hpp>

#include "cells.cuh"

#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace bench {

/// Bytes of the values between the groups of plan P, of one sample.
template <class P>
constexpr double value_bytes() {
  std::int64_t floats = P::network::input_shape.size();
  for (int g = 0; g < P::groups; ++g) {
    const strata::FusedGroup& group = P::grouping.groups[static_cast<std::size_t>(g)];
    floats += P::network::resolution.shapes[static_cast<std::size_t>(group.output)].size();
  }
  return 4.0 * static_cast<double>(floats);
}

/// Steps in a window: two graphs of 32.
inline constexpr int window_steps = 64;

/// `count` random bytes.
inline std::vector<std::uint8_t> noise(std::size_t count) {
  std::vector<std::uint8_t> bytes(count);
  std::mt19937 bits(1);
  for (std::uint8_t& b : bytes) b = static_cast<std::uint8_t>(bits());
  return bytes;
}

/// The parameters of a fresh model.
template <class Net>
std::vector<float> fresh_parameters() {
  strata::AlignedBuffer arena(Net::parameters.arena_bytes());
  strata::initialize(strata::view_of<Net>(), arena.floats(), strata::philox::Key(1));
  return {arena.floats(), arena.floats() + Net::parameters.floats};
}

/// A step of training: load, forward, loss, backward, optimizer. Its data are larger than any cache.
template <class Net, class P, class Optimizer>
Cell train(const std::string& net, int batch, const Optimizer& optimizer, int cell_count = window_steps) {
  using Steps = strata::Plan<Net, strata::Mode::training, strata::Cuda<P>, strata::LossOnLogits>;
  using Training = strata::cuda::Training<Steps, Optimizer>;
  /// A run of training and its data.
  struct Run {
    strata::cuda::DeviceDataset<typename Net::input> data;
    Training training;
    std::int64_t epoch = 0;

    Run(strata::cuda::Stream stream, const std::vector<std::uint8_t>& pixels, const std::vector<std::int32_t>& labels,
        const Optimizer& o, int batch)
        : data(stream, std::span<const std::uint8_t>(pixels), labels, {}), training(data, o, 1, {.batch = batch}) {
      const std::vector<float> moments(static_cast<std::size_t>(Net::parameters.trainable_floats * o.state_slots()));
      training.upload(fresh_parameters<Net>(), moments);
    }
  };

  const double parameters = static_cast<double>(Net::parameters.trainable_floats);
  Cell cell{.name = net + " train " + std::to_string(batch),
            .precision = P::name,
            .flops = static_cast<double>(Net::training_flops) * batch,
            .bytes = 5 * value_bytes<Steps>() * batch + parameters * 4 * (2 + 1 + 3 + 2 * optimizer.state_slots()),
            .depth = 2,
            .count = cell_count};
  cell.prepare = [=](strata::cuda::Stream stream) -> Work {
    constexpr std::int64_t larger_than_caches = 1 << 27;  // bytes
    const auto samples = static_cast<std::int64_t>(
        std::max<std::int64_t>(batch * cell_count, larger_than_caches / Net::input_shape.size()));
    const auto pixels = noise(static_cast<std::size_t>(samples * Net::input_shape.size()));
    std::vector<std::int32_t> labels(static_cast<std::size_t>(samples));
    for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = pixels[i] % 10;
    auto run = std::make_shared<Run>(stream, pixels, labels, optimizer, batch);
    return {.stream = run->training.stream(),
            .run = [run](int count) { run->training.run(count); },
            .begin =
                [run, cell_count] {
                  if (run->epoch > 0 && run->training.tally().stopped != 0)
                    throw strata::Error("the loss is no finite number");
                  run->training.begin_epoch(run->epoch, run->epoch * cell_count);
                  ++run->epoch;
                  strata::cuda::wait_for(run->training.stream(), "the beginning of a window");
                }};
  };
  return cell;
}

/// The prediction of a batch whose samples lie on the GPU as floats: one graph.
template <class Net, class P>
Cell predict(const std::string& net, int batch, int count = 64) {
  using Forward = strata::Plan<Net, strata::Mode::inference, strata::Cuda<P>>;

  /// An executor and what it works on.
  struct Run {
    strata::cuda::DeviceBuffer<float> arena{static_cast<std::size_t>(Net::parameters.floats) + 16, "the parameters"};
    strata::cuda::DeviceBuffer<std::uint32_t> step{1, "the step"};
    strata::cuda::Executor<Forward> executor;
    strata::cuda::Graph graph;

    Run(strata::cuda::Stream stream, int batch) : executor(stream, batch) {
      const std::vector<float> parameters = fresh_parameters<Net>();
      std::vector<float> input(static_cast<std::size_t>(executor.input_stride * batch));
      const auto bytes = noise(input.size());
      for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<float>(bytes[i]) / 255;
      arena.upload(stream, parameters);
      step.zero(stream);
      namespace calls = strata::cuda::calls;
      strata::cuda::check(calls::cudaMemcpyAsync(executor.input(batch), input.data(), input.size() * 4,
                                                 calls::cudaMemcpyHostToDevice, stream),
                          "cudaMemcpyAsync", "the samples");
      strata::cuda::wait_for(stream, "the samples");
      executor.prepare(batch);
      graph = strata::cuda::Graph(stream, "a prediction",
                                  [&] { executor.forward(stream, arena.data(), batch, {}, step.data()); });
    }
  };

  Cell cell{.name = net + " predict " + std::to_string(batch),
            .precision = P::name,
            .flops = static_cast<double>(Net::flops) * batch,
            .bytes = 2 * value_bytes<Forward>() * batch + static_cast<double>(Net::parameters.floats) * 4,
            .count = count};
  cell.prepare = [=](strata::cuda::Stream stream) -> Work {
    auto run = std::make_shared<Run>(stream, batch);
    return {.stream = stream, .run = [run, stream](int times) {
              for (int i = 0; i < times; ++i) run->graph.launch(stream, "a prediction");
            }};
  };
  return cell;
}

}  // namespace bench
