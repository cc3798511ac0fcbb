// Reasons of use: whether a data set and a backend suit a network. Asserted once, where a model is used.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/text.hpp>
#include <strata/data/dataset.hpp>
#include <strata/model/usable.hpp>

#include <string>

namespace strata {
namespace detail {

/// Whether Net runs on Backend in mode M; where it does not, the reason is reported.
template <class Net, class Backend, Mode M>
constexpr bool runs() {
  if constexpr (is_usable<Net, Backend, M>)
    return true;
  else
    return sizeof(obstacle<Net, Backend, M>) == 0;
}

/// Throws unless samples have the network's input shape.
[[gnu::cold]] inline void check_shape(const char* what, const Shape& given, const Shape& expected) {
  if (given == expected || (expected.rank == 1 && given.size() == expected.size())) return;
  throw Error(joined({what, ": samples of ", to_string(given), ", but the network takes ", to_string(expected),
                      "; give Input<...> the shape of the data, or resize the data"}));
}

/// Throws unless a data set suits a network's input and output.
[[gnu::cold]] inline void check_data(const char* what, const Dataset& data, const Shape& input, const Shape& output) {
  if (data.empty()) throw Error(joined({what, ": the data set has no sample"}));
  check_shape(what, data.shape(), input);
  if (data.classes() == 0)
    throw Error(joined({what, ": the data set has no labels; build it with labels or one-hot targets"}));
  if (output.rank == 1 && data.classes() == output.channels) return;
  if (!data.targets().empty())
    throw Error(joined({what, ": the data set has rows of ", data.classes(), " targets, but the network ends in ",
                        to_string(output), "; its last layer should be Dense<", data.classes(), ">, or Softmax<",
                        data.classes(), "> where targets are probabilities"}));
  throw Error(joined({what, ": the data set has ", data.classes(), " classes, but the network ends in ",
                      to_string(output), "; its last layer should be Softmax<", data.classes(), ">"}));
}

/// Throws where a loss takes the softmax of a single output, which is always 1.
[[gnu::cold]] inline void check_loss(const char* what, const Shape& output, const char* loss, bool takes_logits) {
  if (output.channels != 1 || !takes_logits) return;
  throw Error(joined({what, ": the ", loss, " of a single output is always 0; of two classes judge it by ",
                      "BinaryCrossEntropy{}, or BinaryCrossEntropy{.from_logits = false} behind Sigmoid"}));
}

}  // namespace detail
}  // namespace strata
