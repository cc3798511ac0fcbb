// What a training run is told, and what it reports where it fails.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/text.hpp>
#include <strata/data/dataset.hpp>
#include <strata/train/progress.hpp>

#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>

namespace strata {

/// How fit runs.
struct FitOptions {
  std::int64_t epochs = 1;      ///< epochs of this call
  int batch = 32;               ///< samples of a step
  Dataset validation{};         ///< evaluated after each epoch; none by default
  double validation_split = 0;  ///< or the last part of the training data, as a share of it (Keras)
  bool drop_last = false;       ///< leave out the last batch of an epoch where it is not full
  bool shuffle = true;          ///< another order in each epoch, from the model's seed
  bool restart = false;         ///< begin with fresh moments, step 1 and epoch 1; parameters stay
  Progress progress = Progress::automatic;
  const std::atomic<bool>* stop =
      nullptr;  ///< where it becomes true, the run ends after the step; a signal handler may set it
};

/// Thrown where the loss is no longer a finite number.
class TrainingDiverged : public Error {
 public:
  [[gnu::cold]] TrainingDiverged(std::int64_t at_epoch, std::int64_t at_step, double loss, double learning_rate)
      : Error(joined({"training diverged: the loss is ", std::isnan(loss) ? "nan" : std::to_string(loss), " in epoch ",
                      at_epoch, ", step ", at_step, "; try a learning rate below ", short_number(learning_rate),
                      ", look for values that are not finite in the data, or add batch normalisation"})),
        epoch(at_epoch),
        step(at_step) {}

  std::int64_t epoch;  ///< counted from 1
  std::int64_t step;   ///< of the epoch, counted from 1

 private:
  static std::string short_number(double x) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", x);
    return text;
  }
};

namespace detail {

[[gnu::cold]] inline void check_fit(const FitOptions& o) {
  if (o.epochs < 1) throw Error(joined({"fit: ", o.epochs, " epochs; at least one is needed"}));
  if (o.batch < 1) throw Error(joined({"fit: a batch of ", o.batch, "; it must be at least 1"}));
  if (!o.validation.empty() && o.validation_split != 0)
    throw Error("fit: both validation and validation_split are given; give one of them");
}

/// Throws where nothing would be trained on.
[[gnu::cold]] inline void check_drop_last(const Dataset& train, const FitOptions& o) {
  if (o.drop_last && train.size() < o.batch)
    throw Error(joined({"fit: drop_last with a batch of ", o.batch, " leaves nothing of ", train.size(),
                        " samples; take a smaller batch"}));
}

}  // namespace detail
}  // namespace strata
