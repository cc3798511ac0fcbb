// evaluate: how well a model does on labelled data.
#pragma once

#include <strata/model/check.hpp>
#include <strata/model/evaluation.hpp>
#include <strata/model/model.hpp>

namespace strata {

/// Runs the model over a labelled data set in inference mode: dropout off, running averages in batch normalisation.
///
/// A network that ends in Softmax is judged by its logits; the outputs of another are taken for logits. Throws Error
/// where the data set has no labels, or another shape or number of classes than the network.
template <class Net, class Backend>
Evaluation evaluate(Model<Net, Backend>& model, const Dataset& data) {
  Evaluation result;
  if constexpr (detail::runs<Net, Backend, Mode::inference>()) {
    detail::check_data("evaluate", data, Net::input_shape, Net::output);
    result = model.runner().evaluate(model.weights(), data);
  }
  return result;
}

}  // namespace strata
