// scores: what a model gives to each class of each sample of labelled data, for the measures of metrics/.
#pragma once

#include <strata/layers/sigmoid/sigmoid.hpp>
#include <strata/metrics/scores.hpp>
#include <strata/model/check.hpp>
#include <strata/model/predict.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace strata {
namespace detail {

/// A network's last operation that computes.
template <class Net>
inline constexpr const Operation* last_operation = [] {
  int last = static_cast<int>(Net::resolution.operations.size()) - 1;
  const auto role = [](int k) {
    return Net::resolution.operations[static_cast<std::size_t>(k)].operation->role(Mode::inference);
  };
  while (last > 0 && (role(last) == Role::identity || role(last) == Role::reshape)) --last;
  return Net::resolution.operations[static_cast<std::size_t>(last)].operation;
}();

/// Whether a network's outputs are probabilities, or logarithms of them.
template <class Net>
inline constexpr bool ends_in_probabilities = Net::output.channels == 1
                                                  ? std::string_view(last_operation<Net>->name) == Sigmoid::name
                                                  : last_operation<Net>->role(Mode::inference) == Role::normaliser;

/// Rows of logits as probabilities: exp(z - max z) over its sum, computed in double.
[[gnu::cold]] inline void softmax_rows(std::span<float> values, std::size_t classes) {
  for (std::size_t first = 0; first + classes <= values.size(); first += classes) {
    const std::span<float> row = values.subspan(first, classes);
    const double largest = static_cast<double>(*std::max_element(row.begin(), row.end()));
    double sum = 0;
    for (const float z : row) sum += std::exp(static_cast<double>(z) - largest);
    for (float& z : row) z = static_cast<float>(std::exp(static_cast<double>(z) - largest) / sum);
  }
}

/// Logits as probabilities of class 1: 1 / (1 + exp(-z)), computed in double.
[[gnu::cold]] inline void sigmoid_values(std::span<float> values) {
  for (float& z : values) z = static_cast<float>(1 / (1 + std::exp(-static_cast<double>(z))));
}

/// Outputs of a network, row by row, as probabilities: as they are where it ends in Softmax or in one Sigmoid, else the
/// exponentials of LogSoftmax's, or what softmax or sigmoid make of logits.
template <class Net>
void make_probabilities(std::span<float> values) {
  constexpr auto outputs = static_cast<std::size_t>(Net::output.channels);
  if constexpr (outputs == 1) {
    if constexpr (!ends_in_probabilities<Net>) sigmoid_values(values);
  } else {
    // Negative outputs of a normaliser are logarithms of probabilities, whose softmax are the probabilities.
    const auto negative = [](float value) { return value < 0; };
    if (!ends_in_probabilities<Net> || std::any_of(values.begin(), values.end(), negative))
      softmax_rows(values, outputs);
  }
}

}  // namespace detail

/// The probabilities that a Model or a Predictor gives to every class of every sample, and the labels, in one pass over
/// the data.
///
/// Outputs of a network that does not end in probabilities (Softmax) are taken for logits, as evaluate takes them:
/// their softmax is returned. One output is the probability of class 1, of two classes, where the network ends in
/// Sigmoid, else its logit. Throws Error where the data set has no labels, or another shape or number of classes than
/// the network.
template <Predicting M>
Scores scores(M& model, const Dataset& data) {
  using Net = typename M::network;
  Scores result;
  if constexpr (detail::runs<Net, typename M::backend, Mode::inference>()) {
    detail::check_data("scores", data, Net::input_shape, Net::output);
    result.values = predict(model, data);
    detail::make_probabilities<Net>(result.values);
    result.labels.reserve(static_cast<std::size_t>(data.size()));
    for (std::int64_t i = 0; i < data.size(); ++i) result.labels.push_back(data.label(i));
    if constexpr (Net::output.channels == 1) result = binary_scores(std::move(result.labels), result.values);
  }
  return result;
}

}  // namespace strata
