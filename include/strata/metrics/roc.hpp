// ROC curves and the area below them.
#pragma once

#include <strata/metrics/ranking.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace strata {

/// The share of negatives and the share of positives that reach each threshold, from (0, 0) to (1, 1).
struct RocCurve {
  std::vector<double> fpr;         ///< false positives / negatives; none of it a number where there is no negative
  std::vector<double> tpr;         ///< true positives / positives; none of it a number where there is no positive
  std::vector<double> thresholds;  ///< falling; the first is infinity, which nothing reaches
};

/// Which points of a curve are kept.
enum class Points {
  corners,  ///< those between two neighbours on one line are left out: scikit-learn's drop_intermediate
  all
};

/// The ROC curve of a ranking.
[[gnu::cold]] inline RocCurve roc_curve(const Ranking& ranking, Points points = Points::corners) {
  const std::vector<std::int64_t>&tp = ranking.true_positives, &fp = ranking.false_positives;
  const auto turns = [](const std::vector<std::int64_t>& x, std::size_t i) {
    return x[i + 1] - x[i] != x[i] - x[i - 1];
  };
  RocCurve curve{{0}, {0}, {std::numeric_limits<double>::infinity()}};
  for (std::size_t i = 0; i < tp.size(); ++i) {
    const bool inner = i > 0 && i + 1 < tp.size();
    if (points == Points::corners && inner && !turns(tp, i) && !turns(fp, i)) continue;
    curve.fpr.push_back(static_cast<double>(fp[i]));
    curve.tpr.push_back(static_cast<double>(tp[i]));
    curve.thresholds.push_back(static_cast<double>(ranking.thresholds[i]));
  }
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  const auto positives = static_cast<double>(ranking.positives()), negatives = static_cast<double>(ranking.negatives());
  for (double& x : curve.fpr) x = negatives > 0 ? x / negatives : none;
  for (double& y : curve.tpr) y = positives > 0 ? y / positives : none;
  return curve;
}

/// The ROC curve of one class against the rest.
[[gnu::cold]] inline RocCurve roc_curve(const ScoresView& scores, int cls, Points points = Points::corners) {
  return roc_curve(ranking(scores, cls), points);
}

/// The area below the ROC curve: the probability that a positive sample scores more than a negative one, ties counting
/// one half. Not a number where there is no positive or no negative sample.
[[gnu::cold]] inline double roc_auc(const Ranking& ranking) {
  double twice = 0;  // the trapezoids in units of one pair, whole numbers that a double holds up to 2^53
  std::int64_t tp = 0, fp = 0;
  for (std::size_t i = 0; i < ranking.thresholds.size(); ++i) {
    const std::int64_t next_tp = ranking.true_positives[i], next_fp = ranking.false_positives[i];
    twice += static_cast<double>(next_fp - fp) * static_cast<double>(next_tp + tp);
    tp = next_tp;
    fp = next_fp;
  }
  if (tp == 0 || fp == 0) return std::numeric_limits<double>::quiet_NaN();
  return twice / (2 * static_cast<double>(tp) * static_cast<double>(fp));
}

/// The area of one class against the rest.
[[gnu::cold]] inline double roc_auc(const ScoresView& scores, int cls) { return roc_auc(ranking(scores, cls)); }

/// The area over all classes, one against the rest: roc_auc_score(..., multi_class="ovr"). Its macro average is no
/// number where a class has no sample, or all.
[[gnu::cold]] inline double roc_auc(const ScoresView& scores, Average average = Average::macro) {
  return detail::average_over_classes(scores, average, [](const Ranking& of) { return roc_auc(of); });
}

}  // namespace strata
