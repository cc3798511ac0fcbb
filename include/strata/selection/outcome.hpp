// What a trial of a search came to.
#pragma once

#include <strata/core/error.hpp>
#include <strata/model/evaluation.hpp>
#include <strata/train/history.hpp>

#include <cmath>
#include <limits>
#include <vector>

namespace strata {

/// The figures of one trial. Of several folds or runs: the means, and how far accuracies lie apart.
struct Outcome {
  double accuracy = 0;         ///< of data that was not trained on, 0 to 1
  double loss = 0;             ///< likewise
  double deviation = 0;        ///< standard deviation of the accuracies (of the population, as numpy has it); 0 for one
  double accuracy_before = 0;  ///< like accuracy, before the first step; 0 where nobody asked
  double train_accuracy = 0, train_loss = 0;  ///< of the last epoch, while it trained
  double seconds = 0;                         ///< of training, on one thread

  Outcome() = default;

  /// Of one run: what it did on the validation data, and its history.
  Outcome(const Evaluation& validation, const History& history)
      : accuracy(validation.accuracy), loss(validation.loss), seconds(history.seconds) {
    if (history.epochs.empty()) return;
    train_accuracy = history.last().accuracy;
    train_loss = history.last().loss;
  }
};

namespace detail {

/// Of a trial that failed: no number in any place but seconds.
[[gnu::cold]] inline Outcome no_outcome() {
  Outcome o;
  o.accuracy = o.loss = o.deviation = o.accuracy_before = o.train_accuracy = o.train_loss =
      std::numeric_limits<double>::quiet_NaN();
  return o;
}

}  // namespace detail

/// Thrown where the figures of a trial are asked for that a bound or a stop ended: they would be those of a part.
class IncompleteTrial : public Error {
 public:
  using Error::Error;
};

/// The mean of several; their seconds add up.
inline Outcome mean(const std::vector<Outcome>& all) {
  Outcome m;
  const auto n = static_cast<double>(all.size());
  for (const Outcome& o : all) {
    m.accuracy += o.accuracy / n;
    m.loss += o.loss / n;
    m.accuracy_before += o.accuracy_before / n;
    m.train_accuracy += o.train_accuracy / n;
    m.train_loss += o.train_loss / n;
    m.seconds += o.seconds;
  }
  for (const Outcome& o : all) m.deviation += (o.accuracy - m.accuracy) * (o.accuracy - m.accuracy) / n;
  m.deviation = std::sqrt(m.deviation);
  return m;
}

}  // namespace strata
