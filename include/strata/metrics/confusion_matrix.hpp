// What was taken for what, and the measures that follow from it: precision, recall, F1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace strata {

/// Measures of one class, or means of them, as scikit-learn's classification report has them. A measure whose
/// denominator is zero is 0 (scikit-learn's zero_division=0).
struct ClassScore {
  double precision = 0;      ///< right answers among those that say this class
  double recall = 0;         ///< right answers among the samples of this class
  double f1 = 0;             ///< their harmonic mean
  std::int64_t support = 0;  ///< samples of this class
};

/// How many samples of each class were taken for each class.
struct ConfusionMatrix {
  int classes = 0;
  std::vector<std::int64_t> counts;  ///< classes x classes: row the label, column the prediction

  ConfusionMatrix() = default;

  /// Nothing counted yet.
  explicit ConfusionMatrix(int of_classes)
      : classes(of_classes), counts(static_cast<std::size_t>(of_classes) * static_cast<std::size_t>(of_classes)) {}

  /// Samples of class `label` that were taken for class `predicted`.
  std::int64_t count(int label, int predicted) const { return counts[place(label, predicted)]; }

  /// Counts one sample more. Both are from 0 to classes - 1.
  void add(int label, int predicted) { ++counts[place(label, predicted)]; }

  /// Samples counted.
  [[gnu::cold]] std::int64_t samples() const {
    std::int64_t sum = 0;
    for (const std::int64_t n : counts) sum += n;
    return sum;
  }

  /// Share of right answers; 0 where nothing was counted.
  [[gnu::cold]] double accuracy() const {
    std::int64_t right = 0;
    for (int c = 0; c < classes; ++c) right += count(c, c);
    const std::int64_t all = samples();
    return all > 0 ? static_cast<double>(right) / static_cast<double>(all) : 0;
  }

  /// Precision, recall and F1 of one class.
  [[gnu::cold]] ClassScore score(int label) const {
    std::int64_t said = 0;
    ClassScore s;
    for (int other = 0; other < classes; ++other) {
      s.support += count(label, other);
      said += count(other, label);
    }
    const auto right = static_cast<double>(count(label, label));
    if (said > 0) s.precision = right / static_cast<double>(said);
    if (s.support > 0) s.recall = right / static_cast<double>(s.support);
    if (said + s.support > 0) s.f1 = 2 * right / static_cast<double>(said + s.support);
    return s;
  }

  /// The means over classes, each class counting the same. Support is all samples.
  [[gnu::cold]] ClassScore macro_average() const { return average(false); }

  /// The means over classes, each class counting by its samples. Support is all samples.
  [[gnu::cold]] ClassScore weighted_average() const { return average(true); }

  friend bool operator==(const ConfusionMatrix&, const ConfusionMatrix&) = default;

 private:
  std::size_t place(int label, int predicted) const {
    return static_cast<std::size_t>(label) * static_cast<std::size_t>(classes) + static_cast<std::size_t>(predicted);
  }

  [[gnu::cold]] ClassScore average(bool by_support) const {
    ClassScore mean;
    double weights = 0;
    for (int c = 0; c < classes; ++c) {
      const ClassScore s = score(c);
      const double weight = by_support ? static_cast<double>(s.support) : 1;
      mean.precision += weight * s.precision;
      mean.recall += weight * s.recall;
      mean.f1 += weight * s.f1;
      mean.support += s.support;
      weights += weight;
    }
    if (weights == 0) return mean;
    mean.precision /= weights;
    mean.recall /= weights;
    mean.f1 /= weights;
    return mean;
  }
};

}  // namespace strata
