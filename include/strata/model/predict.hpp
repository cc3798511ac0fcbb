// predict: what a model says about samples.
#pragma once

#include <strata/core/text.hpp>
#include <strata/data/dataset.hpp>
#include <strata/model/check.hpp>
#include <strata/model/model.hpp>

#include <array>
#include <cstddef>
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

/// A data set of one sample. Throws Error where there are fewer or more values than its shape tells.
inline Dataset data_of(const Sample& sample) {
  const Dataset data =
      sample.holds_bytes() ? Dataset::view(sample.shape, sample.bytes) : Dataset::view(sample.shape, sample.floats);
  if (data.size() != 1)
    throw Error(joined({"predict: a sample of ", to_string(sample.shape), " with ",
                        sample.holds_bytes() ? sample.bytes.size() : sample.floats.size(), " values"}));
  return data;
}

/// The output of one sample as an array.
template <class Net>
using output_array = typename output_of<Net>::type;

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
    model.runner().predict(model.weights(), detail::data_of(sample), output.data());
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
    model.runner().predict(model.weights(), data, to.data());
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
