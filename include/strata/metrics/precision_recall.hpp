// Precision-recall curves and average precision.
#pragma once

#include <strata/metrics/ranking.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace strata {

/// Precision and recall at each threshold, the lowest first: recall falls. One point more than thresholds closes the
/// curve, precision 1 and recall 0.
struct PrecisionRecallCurve {
  std::vector<double> precision;   ///< true positives / taken for positive
  std::vector<double> recall;      ///< true positives / positives; 1 where there is no positive
  std::vector<double> thresholds;  ///< rising
};

/// The precision-recall curve of a ranking.
[[gnu::cold]] inline PrecisionRecallCurve precision_recall_curve(const Ranking& ranking) {
  PrecisionRecallCurve curve;
  const auto positives = static_cast<double>(ranking.positives());
  for (std::size_t i = ranking.thresholds.size(); i-- > 0;) {
    const auto tp = static_cast<double>(ranking.true_positives[i]),
               fp = static_cast<double>(ranking.false_positives[i]);
    curve.precision.push_back(tp / (tp + fp));
    curve.recall.push_back(positives > 0 ? tp / positives : 1);
    curve.thresholds.push_back(static_cast<double>(ranking.thresholds[i]));
  }
  curve.precision.push_back(1);
  curve.recall.push_back(0);
  return curve;
}

/// The precision-recall curve of one class against the rest.
[[gnu::cold]] inline PrecisionRecallCurve precision_recall_curve(const ScoresView& scores, int cls) {
  return precision_recall_curve(ranking(scores, cls));
}

/// The sum over thresholds of (rise of recall) * precision: the area below the curve's steps, without interpolation. 0
/// where there is no positive sample.
[[gnu::cold]] inline double average_precision(const Ranking& ranking) {
  double sum = 0;
  std::int64_t before = 0;
  for (std::size_t i = 0; i < ranking.thresholds.size(); ++i) {
    const std::int64_t tp = ranking.true_positives[i];
    sum += static_cast<double>(tp - before) * static_cast<double>(tp) /
           static_cast<double>(tp + ranking.false_positives[i]);
    before = tp;
  }
  return before > 0 ? sum / static_cast<double>(before) : 0;
}

/// The average precision of one class against the rest.
[[gnu::cold]] inline double average_precision(const ScoresView& scores, int cls) {
  return average_precision(ranking(scores, cls));
}

/// The average precision over all classes, one against the rest.
[[gnu::cold]] inline double average_precision(const ScoresView& scores, Average average = Average::macro) {
  return detail::average_over_classes(scores, average, [](const Ranking& of) { return average_precision(of); });
}

}  // namespace strata
