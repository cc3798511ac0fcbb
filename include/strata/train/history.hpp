// What a training run did, epoch by epoch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace strata {

/// One epoch of a run.
struct EpochRecord {
  std::int64_t epoch = 0;        ///< counted from 1 since the model was made, over all calls of fit
  double loss = 0;               ///< mean over the samples trained on, each at the time of its step
  double accuracy = 0;           ///< likewise, 0 to 1
  double seconds = 0;            ///< training, without validation
  double images_per_second = 0;  ///< training, without validation
  double learning_rate = 0;      ///< of the epoch's last step
  std::int64_t samples = 0;      ///< samples trained on
  bool complete = true;          ///< false where a stop was asked for in the middle
  bool best = false;             ///< what FitOptions::watch says was the best of this call of fit so far
  std::optional<double> validation_loss, validation_accuracy;  ///< at the epoch's end, where there is validation data
};

/// What fit returns.
struct History {
  std::vector<EpochRecord> epochs;
  bool stopped = false;        ///< a stop was asked for before the last epoch ended
  bool stopped_early = false;  ///< for want of progress: FitOptions::early_stopping
  double seconds = 0;          ///< the whole run

  /// The last epoch. There must be one.
  const EpochRecord& last() const { return epochs.back(); }

  /// The best epoch, as FitOptions::watch has it. There must be one.
  const EpochRecord& best() const {
    std::size_t best = 0;
    for (std::size_t e = 0; e < epochs.size(); ++e)
      if (epochs[e].best) best = e;
    return epochs[best];
  }
};

}  // namespace strata
