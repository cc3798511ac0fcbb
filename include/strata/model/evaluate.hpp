// evaluate: how well a model does on labelled data.
#pragma once

#include <strata/loss/cross_entropy.hpp>
#include <strata/model/check.hpp>
#include <strata/model/evaluation.hpp>
#include <strata/model/model.hpp>

namespace strata {

/// Runs the model over a labelled data set in inference mode: dropout off, running averages in batch normalisation.
///
/// By its cross-entropy, or another loss where one is given: a network that ends in Softmax is judged by its logits;
/// the outputs of another are taken for logits. Throws Error where the data set has no labels, or another shape or
/// number of classes than the network. A network with one output tells two classes apart, and needs a loss that judges
/// it, such as BinaryCrossEntropy: the cross-entropy of one class is always 0, and asking for it throws.
template <class Net, class Backend, Loss By = CrossEntropy>
Evaluation evaluate(Model<Net, Backend>& model, const Dataset& data, const By& loss = {}) {
  Evaluation result;
  if constexpr (detail::runs<Net, Backend, Mode::inference>()) {
    detail::check_data("evaluate", data, Net::input_shape, Net::output);
    detail::check_loss("evaluate", Net::output, By::name, By::takes_logits);
    result = model.runner().evaluate(model.weights(), data, loss);
  }
  return result;
}

}  // namespace strata
