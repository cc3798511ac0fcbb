// What a training run is told, and what it reports where it fails.
#pragma once

#include <strata/augment/augmentation.hpp>
#include <strata/core/error.hpp>
#include <strata/core/text.hpp>
#include <strata/data/dataset.hpp>
#include <strata/train/epoch_hook.hpp>
#include <strata/train/progress.hpp>
#include <strata/train/schedule.hpp>

#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

namespace strata {

/// What tells one epoch from a better one.
enum class Watch {
  automatic,  ///< validation_loss where there is validation data, else loss
  validation_loss,
  validation_accuracy,
  loss,
  accuracy
};

/// Ends a run that learns no more (Keras' EarlyStopping). A call of fit watches its own epochs: what came before it is
/// not known to it, nor kept in a checkpoint.
struct EarlyStopping {
  int patience = 0;           ///< epochs without a better one, behind which the run ends; 0: it goes on
  double least_change = 0;    ///< better means by more than this
  bool restore_best = false;  ///< leave the model with the parameters of the best epoch, stopped early or not
};

/// Lowers the learning rate where a run learns no more (Keras' and PyTorch's ReduceLROnPlateau). A call of fit watches
/// its own epochs and begins at the optimizer's own rate: what the call before it lowered is forgotten. For a run that
/// is to be cut, take a Schedule, or give the second call an optimizer of `history.last().learning_rate`.
struct ReduceOnPlateau {
  int patience = 0;            ///< epochs without a better one, behind which the rate is lowered; 0: never
  double factor = 0.1;         ///< it is multiplied by this: above 0 and below 1
  double least_change = 1e-4;  ///< better means by more than this
  int cooldown = 0;            ///< epochs behind a change that do not count
  double least_rate = 0;       ///< it goes no lower
};

/// What the frozen layers at the front of a network make of each sample, its features, is the same in every epoch as
/// long as images are not changed at random, or in as many versions as Augmentation::versions says. So fit computes it
/// once, and trains and validates on it, to the same bits.
struct KeptFeatures {
  bool wanted = true;
  std::size_t most_bytes = std::size_t{4} << 30;  ///< of memory: where more is needed, and no folder is named, the
                                                  ///< frozen layers run in every epoch
  std::string folder{};  ///< keeps them in files there, of any size, which later runs with the same frozen weights and
                         ///< images find by a hash of both; it must be there. None by default: in memory
};

/// How fit runs.
struct FitOptions {
  std::int64_t epochs = 1;         ///< epochs of this call
  int batch = 32;                  ///< samples of a step
  Dataset validation{};            ///< evaluated after each epoch; none by default
  double validation_split = 0;     ///< or the last part of the training data, as a share of it (Keras)
  bool drop_last = false;          ///< leave out the last batch of an epoch where it is not full
  bool shuffle = true;             ///< another order in each epoch, from the model's seed
  bool restart = false;            ///< begin with fresh moments, step 1 and epoch 1; parameters stay
  Augmentation augment{};          ///< random changes of the training images; validation data stays as it is
  Schedule schedule{};             ///< of the learning rate
  double clip_norm = 0;            ///< the gradient of all parameters is scaled down to this norm (L2); 0: as it is
  int accumulate = 1;              ///< batches whose gradients make one step, as one batch so many times as large would
  Watch watch = Watch::automatic;  ///< what says which epoch is better
  EarlyStopping early_stopping{};  ///< none by default
  ReduceOnPlateau plateau{};       ///< none by default
  KeptFeatures features{};         ///< of frozen layers, where there are such
  EpochHook after_epoch{};         ///< called behind each whole epoch, when the model has all that it learnt
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
  if (o.accumulate < 1) throw Error(joined({"fit: ", o.accumulate, " batches to a step; it must be at least 1"}));
  if (!(o.clip_norm >= 0 && o.clip_norm < 1e30)) throw Error("fit: clip_norm must not be negative");
  if (o.early_stopping.patience < 0 || o.plateau.patience < 0) throw Error("fit: patience must not be negative");
  if (!(o.early_stopping.least_change >= 0) || !(o.plateau.least_change >= 0))
    throw Error("fit: least_change must not be negative");
  if (o.plateau.cooldown < 0 || !(o.plateau.least_rate >= 0))
    throw Error("fit: plateau.cooldown and plateau.least_rate must not be negative");
  if (!(o.plateau.factor > 0 && o.plateau.factor < 1)) throw Error("fit: plateau.factor must be above 0 and below 1");
  if ((o.watch == Watch::validation_loss || o.watch == Watch::validation_accuracy) && o.validation.empty() &&
      o.validation_split == 0)
    throw Error("fit: a validation figure is to be watched, and there is no validation data");
  o.schedule.check();
  o.augment.check();
}

/// Throws where pixels are to be moved that have no places.
[[gnu::cold]] inline void check_augmentation(const FitOptions& o, const Shape& input) {
  if (o.augment.moves() && input.rank == 1)
    throw Error(joined({"fit: augment moves the pixels of images, but the network takes vectors of ", input.channels,
                        " numbers; give Input<...> height, width and channels (Dense flattens them), or change only "
                        "contrast and brightness"}));
}

/// Throws where nothing would be trained on.
[[gnu::cold]] inline void check_drop_last(const Dataset& train, const FitOptions& o) {
  const std::int64_t step = std::int64_t{o.batch} * o.accumulate;
  if (o.drop_last && train.size() < step)
    throw Error(joined({"fit: drop_last with ", step, " samples to a step leaves nothing of ", train.size(),
                        " samples; take a smaller batch"}));
}

}  // namespace detail
}  // namespace strata
