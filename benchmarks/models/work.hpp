// How strata does the work of a cell, for any network: with nothing but what a user calls.
#pragma once

#include <reference_models.hpp>

#include "../cell.hpp"
#include "../samples.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace bench {

template <class Net>
inline constexpr bool takes_photos = Net::input_shape.size() > 28 * 28;

/// Batches of prediction: cells of small batches go through several, so that no sample is always the same.
inline int predicted_samples(int batch) { return batch >= 64 ? batch : 64 / batch * batch; }

/// Whole steps as fit does them: order of the epoch, bytes loaded and scaled, forward, loss, backward, optimizer. An
/// epoch of about a tenth of the time is one window.
template <class Net, class Optimizer>
Times train(const Cell& cell, const Optimizer& optimizer, strata::FitOptions options = {}) {
  constexpr int most = 60'000;
  const Samples samples = samples_of(takes_photos<Net>, takes_photos<Net> ? cell.batch : most);
  const strata::Dataset data = strata::Dataset::view(Net::input_shape, 10, samples.pixels, samples.labels);
  strata::Model<Net> model{strata::seed(1), strata::threads(cell.threads)};
  options.batch = cell.batch;
  options.drop_last = true;
  options.progress = strata::Progress::silent;
  auto fit_steps = [&](std::int64_t steps, std::int64_t epochs) {
    options.epochs = epochs;
    return fit(model, data.take(std::min(data.size(), steps * cell.batch)), optimizer, options);
  };
  // A step of a large network takes seconds: one tells enough of it.
  double estimate = 1 / fit_steps(1, 2).epochs[1].images_per_second;
  if (estimate * cell.batch < cell.seconds / 50) estimate = 1 / fit_steps(5, 2).epochs[1].images_per_second;
  const auto steps = std::max<std::int64_t>(1, static_cast<std::int64_t>(cell.seconds / 10 / estimate / cell.batch));
  const auto samples_of_epoch =
      static_cast<double>(std::min(data.size(), steps * cell.batch) / cell.batch * cell.batch);
  const auto epochs = std::max<std::int64_t>(3, static_cast<std::int64_t>(cell.seconds / estimate / samples_of_epoch));
  const strata::History history = fit_steps(steps, epochs + 1);
  std::vector<double> windows;
  Times times;
  for (std::size_t e = 1; e < history.epochs.size(); ++e) {  // the first epoch touches fresh memory
    windows.push_back(cell.batch / history.epochs[e].images_per_second);
    times.rounds += history.epochs[e].samples / cell.batch;
  }
  times.median = median(windows);
  times.best = *std::min_element(windows.begin(), windows.end());
  return times;
}

/// A model that has trained for a moment: fresh biases are zero, and then so many activations are that what skips zeros
/// would look faster than it is.
template <class Net, class Optimizer>
strata::Model<Net> trained(const Optimizer& optimizer) {
  const Samples samples = digits(2048);
  strata::Model<Net> model{strata::seed(1)};
  fit(model, strata::Dataset::view(Net::input_shape, 10, samples.pixels, samples.labels), optimizer,
      {.epochs = 2, .batch = 64, .progress = strata::Progress::silent});
  return model;
}

/// Predictor on floats in memory: one sample after the other for a batch of 1, else a data set at a time.
template <class Net>
Times predict(const Cell& cell, const strata::Model<Net>& model) {
  const std::vector<float> values = samples_of(takes_photos<Net>, predicted_samples(cell.batch)).floats();
  strata::Predictor<Net> predictor{model, strata::threads(cell.threads)};
  const strata::Dataset data = strata::Dataset::view(Net::input_shape, values);
  std::int64_t first = 0;
  float sum = 0;
  std::vector<float> output(static_cast<std::size_t>(cell.batch * Net::output.size()));
  const Times times = measure(cell.seconds, [&] {
    if (cell.batch == 1)
      sum += strata::predict(predictor, data.image(first))[0];
    else
      strata::predict(predictor, data.slice(first, cell.batch), std::span<float>(output));
    first = (first + cell.batch) % data.size();
  });
  if (!(sum >= 0)) std::fprintf(stderr, "predictions are no probabilities\n");
  return times;
}

/// Runs the cell of a network that trains by `optimizer`. False where it has no such work.
template <class Net, class Optimizer>
bool run(const Cell& cell, const Optimizer& optimizer) {
  if (cell.work == "train")
    report("strata", cell, train<Net>(cell, optimizer));
  else if (cell.work == "predict")
    report("strata", cell, predict<Net>(cell, trained<Net>(optimizer)));
  else if (cell.work == "save")
    save(trained<Net>(optimizer), cell.weights);
  else
    return false;
  return true;
}

// One file each, so that they compile side by side.
bool run_r1(const Cell&);
bool run_r2(const Cell&);
bool run_r5(const Cell&);
bool run_r6(const Cell&);
bool run_r13(const Cell&);

}  // namespace bench
