// Whether the label is among the k classes that a classifier finds the likeliest.
#pragma once

#include <strata/metrics/scores.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace strata {

/// The share of samples whose label is among the k classes with the largest values. As scikit-learn's
/// top_k_accuracy_score ranks them, of equal values that of the later class is the larger; so where there are ties,
/// k = 1 may differ from accuracy, which takes the first of equals. Throws Error unless k >= 1.
[[gnu::cold]] inline double top_k_accuracy(const ScoresView& scores, int k) {
  if (k < 1) throw Error(joined({"top_k_accuracy: k is ", k, "; it is at least 1"}));
  std::int64_t hits = 0;
  for (std::int64_t i = 0; i < scores.size(); ++i) {
    const std::span<const float> row = scores.row(i);
    const auto label = static_cast<std::size_t>(scores.labels()[static_cast<std::size_t>(i)]);
    int ahead = 0;
    for (std::size_t c = 0; c < row.size(); ++c) ahead += row[c] > row[label] || (row[c] == row[label] && c > label);
    hits += ahead < k;
  }
  return static_cast<double>(hits) / static_cast<double>(scores.size());
}

}  // namespace strata
