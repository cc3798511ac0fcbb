// The mean negative logarithm of the probabilities that the right classes were given.
#pragma once

#include <strata/metrics/scores.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

namespace strata {

/// Mean of -log p(label), in nats. Probabilities are clipped to [e, 1 - e] with e = 2^-23, the epsilon of a float, as
/// scikit-learn does since 1.5 when it is given floats, so that one that is wrong and sure costs 15.9 and not infinity.
/// Throws Error where a value lies outside [0, 1].
[[gnu::cold]] inline double log_loss(const ScoresView& scores) {
  constexpr double epsilon = std::numeric_limits<float>::epsilon();
  for (std::size_t i = 0; i < scores.values().size(); ++i) {
    const float p = scores.values()[i];
    if (p >= 0 && p <= 1) continue;
    const auto columns = static_cast<std::size_t>(scores.classes());
    throw Error(joined({"log_loss: the value of class ", i % columns, " of sample ", i / columns, " is ",
                        std::to_string(p), "; probabilities lie between 0 and 1"}));
  }
  double sum = 0;
  for (std::int64_t i = 0; i < scores.size(); ++i) {
    const auto label = static_cast<std::size_t>(scores.labels()[static_cast<std::size_t>(i)]);
    sum -= std::log(std::clamp(static_cast<double>(scores.row(i)[label]), epsilon, 1 - epsilon));
  }
  return sum / static_cast<double>(scores.size());
}

}  // namespace strata
