// Evaluation: how well a model did, as numbers and as text.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace strata {

/// Measures of one class, as scikit-learn's classification report has them. A measure whose denominator is zero is 0.
struct ClassScore {
  double precision = 0;      ///< right answers among those that say this class
  double recall = 0;         ///< right answers among the samples of this class
  double f1 = 0;             ///< their harmonic mean
  std::int64_t support = 0;  ///< samples of this class
};

/// What evaluate returns.
struct Evaluation {
  std::int64_t samples = 0;
  double loss = 0;      ///< mean cross-entropy, in nats
  double accuracy = 0;  ///< share of right answers, 0 to 1
  int classes = 0;
  std::vector<std::int64_t> confusion;  ///< classes x classes: row the label, column the prediction

  Evaluation() = default;

  /// Nothing counted yet.
  Evaluation(std::int64_t of_samples, int of_classes)
      : samples(of_samples),
        classes(of_classes),
        confusion(static_cast<std::size_t>(of_classes) * static_cast<std::size_t>(of_classes)) {}

  /// Mean loss and accuracy out of the sums over all samples.
  void set_sums(double loss_sum, std::int64_t right) {
    loss = loss_sum / static_cast<double>(samples);
    accuracy = static_cast<double>(right) / static_cast<double>(samples);
  }

  /// Samples of class `label` that were taken for class `predicted`.
  std::int64_t count(int label, int predicted) const {
    return confusion[static_cast<std::size_t>(label) * static_cast<std::size_t>(classes) +
                     static_cast<std::size_t>(predicted)];
  }

  /// Precision, recall and F1 of one class.
  ClassScore score(int label) const {
    std::int64_t said = 0;
    ClassScore s;
    for (int other = 0; other < classes; ++other) {
      s.support += count(label, other);
      said += count(other, label);
    }
    const auto right = static_cast<double>(count(label, label));
    if (said > 0) s.precision = right / static_cast<double>(said);
    if (s.support > 0) s.recall = right / static_cast<double>(s.support);
    if (s.precision + s.recall > 0) s.f1 = 2 * s.precision * s.recall / (s.precision + s.recall);
    return s;
  }
};

/// The evaluation as people read it: accuracy and loss, a line for each class, and the confusion matrix.
[[gnu::cold]] inline std::string to_string(const Evaluation& e) {
  std::string text;
  char line[160];
  auto add = [&](const char* format, auto... values) {
    std::snprintf(line, sizeof line, format, values...);
    text += line;
  };
  add("accuracy %.4f   loss %.4f   %lld samples\n\n", e.accuracy, e.loss, static_cast<long long>(e.samples));
  add("%8s %10s %10s %10s %10s\n", "class", "precision", "recall", "f1", "samples");
  double precision = 0, recall = 0, f1 = 0;
  for (int c = 0; c < e.classes; ++c) {
    const ClassScore s = e.score(c);
    add("%8d %10.4f %10.4f %10.4f %10lld\n", c, s.precision, s.recall, s.f1, static_cast<long long>(s.support));
    precision += s.precision / e.classes;
    recall += s.recall / e.classes;
    f1 += s.f1 / e.classes;
  }
  add("%8s %10.4f %10.4f %10.4f %10lld\n\n", "mean", precision, recall, f1, static_cast<long long>(e.samples));
  text += "confusion: rows are labels, columns predictions\n        ";
  for (int c = 0; c < e.classes; ++c) add(" %5d", c);
  text += "\n";
  for (int c = 0; c < e.classes; ++c) {
    add("%8d", c);
    for (int p = 0; p < e.classes; ++p) add(" %5lld", static_cast<long long>(e.count(c, p)));
    text += "\n";
  }
  return text;
}

/// Prints the evaluation on standard output.
inline void print(const Evaluation& e) { std::fputs(to_string(e).c_str(), stdout); }

}  // namespace strata
