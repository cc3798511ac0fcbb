// fit: trains a model.
#pragma once

#include <strata/loss/cross_entropy.hpp>
#include <strata/model/check.hpp>
#include <strata/model/model.hpp>
#include <strata/train/cpu_trainer.hpp>
#include <strata/train/history.hpp>
#include <strata/train/optimizer/optimizer.hpp>
#include <strata/train/options.hpp>
#include <strata/train/trainer.hpp>
#include <strata/train/watch.hpp>

#include <cstdint>

namespace strata {

/// Trains `model` on `train` and returns what happened, epoch by epoch.
///
///     History history = fit(model, train, Adam{.learning_rate = 1e-3}, {.epochs = 10, .batch = 128, .validation =
///     test});
///
/// A second fit goes on where the first one stood: the optimizer's moments and the count of steps (where it keeps the
/// same moments, else it begins at step 1), the order of samples. After 2 + 3 epochs a model equals, bit for bit, one
/// after 5, unless `early_stopping` or `plateau` act: what they watch begins anew in each call, as does which epoch is
/// the best. The last batch of an epoch may be partial; it is averaged over its true size. The same seed gives the same
/// bits on any number of threads.
///
/// Throws Error where the data or the loss does not suit the network, nothing in it can be trained or an option is out
/// of range, and TrainingDiverged where the loss stops being finite; the parameters are then those before that step.
/// Allocates in its first step, then no more.
template <class Net, class Backend, Optimizer Rule, Loss By = CrossEntropy>
History fit(Model<Net, Backend>& model, const Dataset& train, const Rule& optimizer, const FitOptions& options = {},
            const By& loss = {}) {
  History history;
  if constexpr (detail::runs<Net, Backend, Mode::training>()) {
    if (Net::trainable_count == 0) throw Error("fit: no layer of this network has parameters to train");
    detail::check_fit(options);
    detail::check_augmentation(options, Net::input_shape);
    optimizer.check();
    loss.check();
    detail::check_loss("fit", Net::output, By::name, By::takes_logits);
    Dataset training = train, validation = options.validation;
    if (options.validation_split != 0) {
      auto parts = train.split(options.validation_split);
      training = parts.train;
      validation = parts.validation;
    }
    detail::check_data("fit", training, Net::input_shape, Net::output);
    detail::check_drop_last(training, options);
    if (!validation.empty()) detail::check_data("fit, validation", validation, Net::input_shape, Net::output);
    detail::prepare_state<Net>(model.training(), optimizer, options.restart);

    const detail::Steps steps(training, options);
    const std::int64_t last_epoch = model.training().epochs + options.epochs;
    detail::Scheduled<Rule> scheduled{optimizer, detail::schedule_of_run(options, steps, model.training())};
    detail::Trainer<Net, Backend, detail::Scheduled<Rule>, By> run(model, training, validation, scheduled, loss,
                                                                   options);
    detail::Watcher watcher(options);
    detail::BestParameters best(options.early_stopping.restore_best ? Net::parameters.arena_bytes() : 0);
    detail::ProgressPrinter progress(options.progress, last_epoch, steps.count);
    progress.set_batch(steps.samples);
    progress.note(run.about_features());
    const double begin = detail::seconds_now();
    history.epochs.reserve(static_cast<std::size_t>(options.epochs));
    for (std::int64_t e = 0; e < options.epochs && !history.stopped && !history.stopped_early; ++e) {
      EpochRecord record = run.epoch(
          [&](std::int64_t step, const EpochRecord& so_far) {
            progress.step(so_far.epoch, step, so_far.loss, so_far.accuracy, so_far.images_per_second);
          },
          [&](std::int64_t done, std::int64_t all) { progress.features(done, all); });
      if (!validation.empty() && record.complete) {
        const Evaluation seen = run.validate();
        record.validation_loss = seen.loss;
        record.validation_accuracy = seen.accuracy;
      }
      history.stopped = !record.complete || (detail::stop_asked(options) && e + 1 < options.epochs);
      if (record.complete) {
        record.best = watcher.is_best(record);
        history.stopped_early = watcher.is_enough(record) && e + 1 < options.epochs;
        scheduled.scale = watcher.factor(record, scheduled.scale, optimizer.learning_rate);
        if (options.after_epoch || (record.best && best.wanted())) run.finish();
        if (record.best) best.keep(model.parameters());
        if (options.after_epoch) options.after_epoch(record);
      }
      progress.epoch(record);
      history.epochs.push_back(record);
    }
    run.finish();
    best.restore(model.parameters());
    history.seconds = detail::seconds_now() - begin;
  }
  return history;
}

}  // namespace strata
