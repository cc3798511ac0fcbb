// Evaluation: how well a model did, as numbers and as text.
#pragma once

#include <strata/metrics/classification_report.hpp>
#include <strata/metrics/confusion_matrix.hpp>

#include <cstdint>
#include <cstdio>
#include <string>

namespace strata {

/// What evaluate returns.
struct Evaluation {
  std::int64_t samples = 0;
  double loss = 0;            ///< mean cross-entropy, in nats
  double accuracy = 0;        ///< share of right answers, 0 to 1
  ConfusionMatrix confusion;  ///< what was taken for what: precision, recall and F1 follow from it

  Evaluation() = default;

  /// Nothing counted yet.
  Evaluation(std::int64_t of_samples, int of_classes) : samples(of_samples), confusion(of_classes) {}

  /// Mean loss and accuracy out of the sums over all samples.
  void set_sums(double loss_sum, std::int64_t right) {
    loss = loss_sum / static_cast<double>(samples);
    accuracy = static_cast<double>(right) / static_cast<double>(samples);
  }
};

/// The evaluation as people read it: accuracy and loss, the classification report with so many digits behind the point,
/// and the confusion matrix.
[[gnu::cold]] inline std::string to_string(const Evaluation& e, int digits = 4) {
  char line[96];
  std::snprintf(line, sizeof line, "accuracy %.4f   loss %.4f   %lld samples\n\n", e.accuracy, e.loss,
                static_cast<long long>(e.samples));
  return line + classification_report(e.confusion, digits) + "\n" + to_string(e.confusion);
}

/// Prints the evaluation on standard output.
inline void print(const Evaluation& e) { std::fputs(to_string(e).c_str(), stdout); }

}  // namespace strata
