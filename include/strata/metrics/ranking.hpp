// One class against the rest, at every threshold: what ROC and precision-recall curves are drawn from.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/text.hpp>
#include <strata/metrics/scores.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace strata {

/// How the measures of single classes become one.
enum class Average {
  macro,     ///< the mean over classes
  weighted,  ///< the mean over classes, each counting by its samples; a class without samples does not count
  micro      ///< one ranking of all (sample, class) pairs, a pair being positive where the class is the label
};

/// Samples in the order of their score, those of one score together: for every score that occurs, from the largest
/// down, how many samples are taken for positive when this is the threshold. Ties are one step, as in scikit-learn.
struct Ranking {
  std::vector<float> thresholds;              ///< the distinct scores, falling
  std::vector<std::int64_t> true_positives;   ///< positive samples with at least this score
  std::vector<std::int64_t> false_positives;  ///< negative samples with at least this score

  /// All positive samples.
  std::int64_t positives() const { return true_positives.empty() ? 0 : true_positives.back(); }
  /// All negative samples.
  std::int64_t negatives() const { return false_positives.empty() ? 0 : false_positives.back(); }
};

namespace detail {

/// Sorts the scores of positive and of negative samples, and merges them: O(n log n). They are finite.
[[gnu::cold]] inline Ranking ranking_of(std::vector<float> positive, std::vector<float> negative) {
  std::sort(positive.begin(), positive.end(), std::greater<float>());
  std::sort(negative.begin(), negative.end(), std::greater<float>());
  Ranking ranking;
  std::size_t p = 0, n = 0;
  while (p < positive.size() || n < negative.size()) {
    const bool take_positive = n == negative.size() || (p < positive.size() && positive[p] > negative[n]);
    const float threshold = take_positive ? positive[p] : negative[n];
    while (p < positive.size() && positive[p] == threshold) ++p;
    while (n < negative.size() && negative[n] == threshold) ++n;
    ranking.thresholds.push_back(threshold);
    ranking.true_positives.push_back(static_cast<std::int64_t>(p));
    ranking.false_positives.push_back(static_cast<std::int64_t>(n));
  }
  return ranking;
}

}  // namespace detail

/// Class `cls` against all others.
[[gnu::cold]] inline Ranking ranking(const ScoresView& scores, int cls) {
  scores.check_class(cls);
  std::vector<float> positive, negative;
  for (std::int64_t i = 0; i < scores.size(); ++i) {
    const bool is = scores.labels()[static_cast<std::size_t>(i)] == cls;
    (is ? positive : negative).push_back(scores.row(i)[static_cast<std::size_t>(cls)]);
  }
  return detail::ranking_of(std::move(positive), std::move(negative));
}

/// All pairs of a sample and a class in one ranking: Average::micro.
[[gnu::cold]] inline Ranking micro_ranking(const ScoresView& scores) {
  std::vector<float> positive, negative;
  for (std::int64_t i = 0; i < scores.size(); ++i) {
    const std::span<const float> row = scores.row(i);
    const auto label = static_cast<std::size_t>(scores.labels()[static_cast<std::size_t>(i)]);
    for (std::size_t c = 0; c < row.size(); ++c) (c == label ? positive : negative).push_back(row[c]);
  }
  return detail::ranking_of(std::move(positive), std::move(negative));
}

/// Samples of two classes with one score each: a label of 1 is positive, 0 negative. Throws Error where there are more
/// labels than scores or fewer, another label, or a score that is no finite number.
[[gnu::cold]] inline Ranking binary_ranking(std::span<const std::int32_t> labels, std::span<const float> scores) {
  if (labels.size() != scores.size())
    throw Error(joined({"binary_ranking: ", labels.size(), " labels and ", scores.size(), " scores"}));
  std::vector<float> positive, negative;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] != 0 && labels[i] != 1)
      throw Error(joined({"binary_ranking: the label of sample ", i, " is ", labels[i], "; it is 0 or 1"}));
    if (!std::isfinite(scores[i]))
      throw Error(joined({"binary_ranking: the score of sample ", i, " is ", std::to_string(scores[i]),
                          "; scores are finite numbers"}));
    (labels[i] == 1 ? positive : negative).push_back(scores[i]);
  }
  return detail::ranking_of(std::move(positive), std::move(negative));
}

namespace detail {

/// The average of a measure of rankings, as scikit-learn forms it.
[[gnu::cold]] inline double average_over_classes(const ScoresView& scores, Average average,
                                                 double (*measure)(const Ranking&)) {
  if (average == Average::micro) return measure(micro_ranking(scores));
  double sum = 0, weights = 0;
  for (int c = 0; c < scores.classes(); ++c) {
    const Ranking of_class = ranking(scores, c);
    const double weight = average == Average::weighted ? static_cast<double>(of_class.positives()) : 1;
    if (weight == 0) continue;
    sum += weight * measure(of_class);
    weights += weight;
  }
  return sum / weights;
}

}  // namespace detail
}  // namespace strata
