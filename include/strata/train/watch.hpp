// Which epoch was the best, and for how long none was better.
#pragma once

#include <strata/core/buffer.hpp>
#include <strata/train/options.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <span>

namespace strata::detail {

/// The figure of an epoch that is watched: smaller is better. Infinite where it is missing.
inline double watched(const EpochRecord& e, Watch what) {
  if (what == Watch::automatic) what = e.validation_loss ? Watch::validation_loss : Watch::loss;
  switch (what) {
    case Watch::validation_loss:
      return e.validation_loss.value_or(std::numeric_limits<double>::infinity());
    case Watch::validation_accuracy:
      return -e.validation_accuracy.value_or(0);
    case Watch::accuracy:
      return -e.accuracy;
    default:
      return e.loss;
  }
}

/// The best figure so far, and how many epochs came behind it.
struct Patience {
  double best = std::numeric_limits<double>::infinity();
  int waited = 0;

  /// Whether `figure` is better than every one before by more than `least_change`.
  bool improves(double figure, double least_change) {
    const bool better = figure < best - least_change;
    if (better) best = figure;
    waited = better ? 0 : waited + 1;
    return better;
  }
};

/// A copy of the parameters of the best epoch.
class BestParameters {
 public:
  /// Of so many bytes; 0: none is kept.
  explicit BestParameters(std::size_t bytes) : kept_(bytes) {}

  bool wanted() const { return kept_.size() > 0; }
  void keep(std::span<const float> parameters) {
    if (!wanted()) return;
    std::memcpy(kept_.data(), parameters.data(), parameters.size_bytes());
    is_kept_ = true;
  }
  void restore(std::span<float> parameters) const {
    if (is_kept_) std::memcpy(parameters.data(), kept_.data(), parameters.size_bytes());
  }

 private:
  AlignedBuffer kept_;
  bool is_kept_ = false;
};

/// What a run watches from epoch to epoch.
class Watcher {
 public:
  explicit Watcher(const FitOptions& options) : options_(options) {}

  /// Whether this epoch is the best so far.
  bool is_best(const EpochRecord& e) { return best_.improves(watched(e, options_.watch), 0); }

  /// Whether the run is to end behind this epoch.
  bool is_enough(const EpochRecord& e) {
    const EarlyStopping& s = options_.early_stopping;
    stop_.improves(watched(e, options_.watch), s.least_change);
    return s.patience > 0 && stop_.waited >= s.patience;
  }

  /// The factor of the learning rate behind this epoch, which was `factor` during it, of an optimizer's `rate`.
  double factor(const EpochRecord& e, double factor, double rate) {
    const ReduceOnPlateau& p = options_.plateau;
    if (p.patience == 0) return factor;
    const bool better = plateau_.improves(watched(e, options_.watch), p.least_change);
    if (cooldown_ > 0) {
      --cooldown_;
      plateau_.waited = 0;
    }
    if (better || plateau_.waited < p.patience) return factor;
    plateau_.waited = 0;
    cooldown_ = p.cooldown;
    return std::max(factor * p.factor, std::min(factor, p.least_rate / rate));
  }

 private:
  const FitOptions& options_;
  Patience best_, stop_, plateau_;
  int cooldown_ = 0;
};

}  // namespace strata::detail
