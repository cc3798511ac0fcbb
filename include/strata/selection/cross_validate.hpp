// cross_validate: how well a network learns a data set, judged on samples it did not see.
#pragma once

#include <strata/core/text.hpp>
#include <strata/data/split.hpp>
#include <strata/selection/outcome.hpp>
#include <strata/selection/trials.hpp>
#include <strata/train/fit.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <string>
#include <vector>

namespace strata {

/// How cross_validate runs.
struct CrossValidationOptions {
  int folds = 5;           ///< parts, each of which validates once; they hold each class in equal shares
  int threads = 0;         ///< folds at once, each on one thread; 0: one for each core
  std::uint64_t seed = 0;  ///< of the folds, and of the models: fold i has seed + i
  double seconds = 0;      ///< a bound for all of it; 0: none
  const std::atomic<bool>* stop = nullptr;  ///< where it becomes true, it ends
  Progress progress = Progress::automatic;  ///< a line for each fold, unless silent
};

/// What cross_validate returns.
struct CrossValidation {
  std::vector<Outcome> folds;  ///< of those that were completed, in their order
  bool complete = true;        ///< false where a bound or a stop ended it

  /// Their mean. Throws IncompleteTrial where a fold is missing: `mean(folds)` is the mean of those that there are.
  [[gnu::cold]] operator Outcome() const {
    if (!complete)
      throw IncompleteTrial(joined({"cross_validate: a bound or a stop ended it behind ", folds.size(),
                                    folds.size() == 1 ? " fold" : " folds", "; mean(folds) is the mean of those"}));
    return mean(folds);
  }
};

namespace detail {

/// Calls one function for several runs, one after the other.
struct SharedHook {
  const EpochHook* hook;
  std::mutex* mutex;

  [[gnu::cold]] void operator()(const EpochRecord& record) const {
    const std::lock_guard lock(*mutex);
    (*hook)(record);
  }
};

}  // namespace detail

/// Trains a new model of Net on all folds but one and evaluates it on that one, for each fold (Stone 1974), stratified
/// as scikit-learn's StratifiedKFold. The same data, seed and options give the same figures on any number of threads.
/// `options.after_epoch` is called for the epochs of all folds, never twice at once; `options.stop` ends it as
/// `how.stop` does.
///
/// Throws what fit throws, and Error unless there are at least 2 folds and as many samples.
template <class Net, Optimizer Rule, Loss By = CrossEntropy>
[[gnu::cold]] CrossValidation cross_validate(const Dataset& data, const Rule& optimizer, const FitOptions& options = {},
                                             const CrossValidationOptions& how = {}, const By& loss = {}) {
  const Folds folds(data, how.folds, how.seed);
  std::vector<Outcome> outcomes(static_cast<std::size_t>(how.folds));
  std::vector<char> is_done(outcomes.size());
  std::mutex printing, calling;
  CrossValidation result;
  const detail::TrialLimits limits{how.threads, how.seconds, how.stop, options.stop};
  result.complete = detail::run_trials(how.folds, limits, [&](std::int64_t fold, const std::atomic<bool>& stop) {
    const int f = static_cast<int>(fold);
    const auto i = static_cast<std::size_t>(fold);
    Model<Net> model{seed(how.seed + static_cast<std::uint64_t>(fold)), strata::threads(1)};
    FitOptions run = options;
    run.progress = Progress::silent;
    run.stop = &stop;
    if (options.after_epoch) run.after_epoch = detail::SharedHook{&options.after_epoch, &calling};
    const History history = fit(model, folds.train(f), optimizer, run, loss);
    if (history.stopped) return;
    outcomes[i] = Outcome(evaluate(model, folds.validation(f), loss), history);
    is_done[i] = 1;
    if (how.progress == Progress::silent) return;
    const std::lock_guard lock(printing);
    std::printf("fold %d of %d  accuracy %.4f  loss %.4f  %.1f s\n", f + 1, how.folds, outcomes[i].accuracy,
                outcomes[i].loss, outcomes[i].seconds);
    std::fflush(stdout);
  });
  for (std::size_t i = 0; i < outcomes.size(); ++i)
    if (is_done[i]) result.folds.push_back(outcomes[i]);
  return result;
}

}  // namespace strata
