// What a classifier gives to each class of each sample, with the labels: what the measures of this folder are made of.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/text.hpp>
#include <strata/metrics/confusion_matrix.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace strata {

/// Labels, and samples x classes values: probabilities, where a measure asks for them, or anything that is larger for a
/// more likely class.
struct Scores {
  std::vector<std::int32_t> labels;  ///< from 0 to classes - 1
  std::vector<float> values;         ///< a row for each sample
};

/// The same as a view of the caller's memory, which every measure takes: `log_loss({labels, values})`,
/// `log_loss(scores)`. It lives no longer than what it looks at.
class ScoresView {
 public:
  /// Looks at `labels.size()` rows of values; the number of classes follows. Throws Error where there is no sample, the
  /// values do not fill the rows, a label has no column, or a value is no finite number.
  [[gnu::cold]] ScoresView(std::span<const std::int32_t> labels, std::span<const float> values)
      : labels_(labels), values_(values) {
    if (labels.empty()) throw Error("Scores: there is no sample");
    if (values.empty() || values.size() % labels.size() != 0 || values.size() / labels.size() > 1 << 24)
      throw Error(joined(
          {"Scores: ", values.size(), " values for ", labels.size(), " samples; each sample has one for each class"}));
    classes_ = static_cast<int>(values.size() / labels.size());
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (labels[i] >= 0 && labels[i] < classes_) continue;
      throw Error(joined({"Scores: the label of sample ", i, " is ", labels[i], "; labels of ", classes_,
                          " classes go from 0 to ", classes_ - 1}));
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::isfinite(values[i])) continue;
      const auto columns = static_cast<std::size_t>(classes_);
      throw Error(joined({"Scores: the value of class ", i % columns, " of sample ", i / columns, " is ",
                          std::to_string(values[i]), "; values are finite numbers"}));
    }
  }
  ScoresView(const Scores& scores) : ScoresView(scores.labels, scores.values) {}

  /// The number of samples.
  std::int64_t size() const { return static_cast<std::int64_t>(labels_.size()); }
  /// The number of classes.
  int classes() const { return classes_; }
  /// The labels, size() of them.
  std::span<const std::int32_t> labels() const { return labels_; }
  /// All values, size() x classes().
  std::span<const float> values() const { return values_; }
  /// The classes() values of sample i, which is below size().
  std::span<const float> row(std::int64_t i) const {
    const auto width = static_cast<std::size_t>(classes_);
    return values_.subspan(static_cast<std::size_t>(i) * width, width);
  }

  /// Throws Error unless 0 <= cls < classes().
  [[gnu::cold]] void check_class(int cls) const {
    if (cls < 0 || cls >= classes_)
      throw Error(joined({"Scores: there is no class ", cls, " among ", classes_, "; classes count from 0"}));
  }

 private:
  std::span<const std::int32_t> labels_;
  std::span<const float> values_;
  int classes_ = 0;
};

/// The scores of two classes, out of one probability a sample, that of class 1: what a network with one output gives.
/// Class 1 is predicted above one half. Throws Error where there are more labels than probabilities or fewer, or a
/// value is no probability.
[[gnu::cold]] inline Scores binary_scores(std::vector<std::int32_t> labels, std::span<const float> probabilities) {
  if (labels.size() != probabilities.size())
    throw Error(
        joined({"binary_scores: ", labels.size(), " labels and ", probabilities.size(), " probabilities of class 1"}));
  Scores result{std::move(labels), {}};
  result.values.reserve(2 * probabilities.size());
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    const float p = probabilities[i];
    if (!(p >= 0 && p <= 1))
      throw Error(joined({"binary_scores: the value of sample ", i, " is ", std::to_string(p),
                          "; probabilities lie between 0 and 1"}));
    result.values.insert(result.values.end(), {1 - p, p});
  }
  return result;
}

/// The class of each sample's largest value, the first of equals, as numpy's argmax and evaluate take it.
[[gnu::cold]] inline std::vector<std::int32_t> predictions(const ScoresView& scores) {
  std::vector<std::int32_t> predicted;
  predicted.reserve(scores.labels().size());
  for (std::int64_t i = 0; i < scores.size(); ++i) {
    const std::span<const float> row = scores.row(i);
    std::size_t largest = 0;
    for (std::size_t c = 1; c < row.size(); ++c)
      if (row[c] > row[largest]) largest = c;
    predicted.push_back(static_cast<std::int32_t>(largest));
  }
  return predicted;
}

/// What was taken for what. Throws Error unless there are as many predictions as labels, all from 0 to classes - 1.
[[gnu::cold]] inline ConfusionMatrix confusion_matrix(std::span<const std::int32_t> labels,
                                                      std::span<const std::int32_t> predicted, int classes) {
  if (labels.size() != predicted.size())
    throw Error(joined({"confusion_matrix: ", labels.size(), " labels and ", predicted.size(), " predictions"}));
  if (classes < 1) throw Error(joined({"confusion_matrix: ", classes, " classes; it takes at least one"}));
  ConfusionMatrix confusion(classes);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    for (const std::int32_t cls : {labels[i], predicted[i]})
      if (cls < 0 || cls >= classes)
        throw Error(joined({"confusion_matrix: sample ", i, " has class ", cls, "; ", classes, " classes go from 0 to ",
                            classes - 1}));
    confusion.add(labels[i], predicted[i]);
  }
  return confusion;
}

/// The same, of the predictions that the scores make.
[[gnu::cold]] inline ConfusionMatrix confusion_matrix(const ScoresView& scores) {
  return confusion_matrix(scores.labels(), predictions(scores), scores.classes());
}

}  // namespace strata
