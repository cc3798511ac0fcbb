// predict: what a model says about samples.
#pragma once

#include <strata/core/text.hpp>
#include <strata/data/loader.hpp>
#include <strata/model/check.hpp>
#include <strata/model/model.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <vector>

namespace strata {
namespace detail {

/// What a network that cannot be built says: nothing, in the form of any output.
struct NoOutput : std::array<float, 1> {
  template <std::size_t N>
  operator std::array<float, N>() const {
    return {};
  }
};

template <class Net>
struct output_of {
  using type = NoOutput;
};

template <class Net>
requires is_valid<Net>
struct output_of<Net> {
  using type = std::array<float, static_cast<std::size_t>(Net::output.size())>;
};

/// The output of one sample as an array.
template <class Net>
using output_array = typename output_of<Net>::type;

/// Samples that go through the network at once where more are asked for: as many as fit 256 MiB, at most 256.
template <class Executor>
int prediction_batch(std::int64_t samples) {
  constexpr std::int64_t room = (std::int64_t{256} << 20) / Executor::bytes_per_sample;
  return static_cast<int>(std::min<std::int64_t>(std::clamp<std::int64_t>(room, 1, 256), samples));
}

}  // namespace detail

/// What predict takes: a Model or a Predictor.
template <class M>
concept Predicting = requires {
  typename M::network;
  typename M::backend;
};

/// The network's output for one sample: probabilities, for a network that ends in Softmax.
///
/// Bytes go through the input's preprocessing, floats are taken as they are. Throws Error where the sample has another
/// shape than the input (for a vector input, another size). Allocates nothing after the first call.
template <Predicting M>
detail::output_array<typename M::network> predict(M& model, const Sample& sample) {
  using Net = typename M::network;
  detail::output_array<Net> output{};
  if constexpr (detail::runs<Net, typename M::backend, Mode::inference>()) {
    detail::check_shape("predict", sample.shape, Net::input_shape);
    auto& executor = model.prediction(1);
    static const Loader<typename Net::input> loader;
    loader.load(sample, executor.input(1));
    executor.forward(model.parameters().data(), 1, {}, 0);
    std::memcpy(output.data(), executor.result(1), output.size() * sizeof(float));
  }
  return output;
}

/// The network's output for every sample of a data set, one behind the other, into `to`, which holds
/// data.size() * output.size() floats. Labels are not looked at. A sample's output does not depend on the samples
/// around it.
template <Predicting M>
void predict(M& model, const Dataset& data, std::span<float> to) {
  using Net = typename M::network;
  if constexpr (detail::runs<Net, typename M::backend, Mode::inference>()) {
    if (data.empty()) return;
    detail::check_shape("predict", data.shape(), Net::input_shape);
    constexpr std::int64_t width = Net::output.size();
    if (static_cast<std::int64_t>(to.size()) != data.size() * width)
      throw Error(joined({"predict: ", data.size(), " samples make ", data.size() * width,
                          " outputs, but there is room for ", to.size()}));
    const int batch = detail::prediction_batch<typename M::PredictionExecutor>(data.size());
    auto& executor = model.prediction(batch);
    static const Loader<typename Net::input> loader;
    for (std::int64_t first = 0; first < data.size(); first += batch) {
      const int n = static_cast<int>(std::min<std::int64_t>(batch, data.size() - first));
      float* input = executor.input(n);
      model.pool().run(n, [&](int i, int) { loader.load(data.image(first + i), input + i * executor.input_stride); });
      executor.forward(model.parameters().data(), n, {}, 0);
      for (int i = 0; i < n; ++i)
        std::memcpy(to.data() + (first + i) * width, executor.result(n) + i * executor.result_stride,
                    static_cast<std::size_t>(width) * sizeof(float));
    }
  }
}

/// The network's output for every sample of a data set, one behind the other.
template <Predicting M>
std::vector<float> predict(M& model, const Dataset& data) {
  std::vector<float> output(static_cast<std::size_t>(data.size() * M::network::output.size()));
  predict(model, data, std::span<float>(output));
  return output;
}

}  // namespace strata
