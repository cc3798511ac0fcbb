// NegativeLogLikelihood: cross-entropy under the name it has behind a LogSoftmax.
#pragma once

#include <strata/loss/cross_entropy.hpp>

namespace strata {

/// The mean over the batch of -y[label], of a network that ends in LogSoftmax (PyTorch's NLLLoss). It is CrossEntropy:
/// the logarithm of the softmax of log-probabilities is those log-probabilities.
using NegativeLogLikelihood = CrossEntropy;

}  // namespace strata
