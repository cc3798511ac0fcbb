// What studies share: folds or a part held out, searches with the options of the command line, and their tables.
#pragma once

#include "digits.hpp"
#include "options.hpp"
#include "report.hpp"

#include <strata/selection.hpp>
#include <strata/strata.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <limits>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace example {

/// What trials of a study have in common, so that its table goes on from the same ones only. What a study varies, or
/// has of its own, is not among them.
struct Fixed {
  bool epochs = true, batch = true, learning_rate = true;
};

/// A search as the command line asks for it.
[[gnu::cold]] inline strata::SearchOptions search_options(const Digits& digits, const Options& o, Fixed fixed = {}) {
  strata::Settings settings = strata::Settings().with("study", joined({o.program, " ", o.study->name}));
  if (!o.table.empty()) settings = settings.with("data", digits.train);
  if (fixed.epochs) settings = settings.with("epochs", o.epochs);
  if (fixed.batch) settings = settings.with("batch", o.batch);
  if (fixed.learning_rate) settings = settings.with("learning_rate", o.learning_rate);
  return {.file = o.table,
          .settings = settings.with("seed", o.seed),
          .threads = o.threads,
          .seconds = o.budget,
          .stop = o.stop,
          .progress = o.progress};
}

/// Throws where a study that writes its table anew would overwrite a file that does not begin with its header.
[[gnu::cold]] inline void check_replaceable(const std::string& path, const std::string& header, const char* study) {
  if (path.empty() || !strata::detail::file_exists(path)) return;
  const std::vector<std::byte> bytes = strata::read_file(path);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!text.starts_with(header))
    throw strata::Error(joined({path, ": is no table of ", study, ", which would overwrite it; name another file"}));
}

/// The time that --budget gives, for what runs step by step.
class Budget {
 public:
  explicit Budget(const Options& o) : seconds_(o.budget) {}

  bool is_spent() const {
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin_;
    return seconds_ > 0 && taken.count() > seconds_;
  }

 private:
  double seconds_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

/// The epochs of a study's trials, for the curves of its report. Trials that run at once may add theirs at once.
class TrialCurves {
 public:
  void add(const std::string& trial, const strata::History& history) {
    strata::Series training{trial, {}, {}}, validation = training;
    for (const strata::EpochRecord& e : history.epochs) {
      training.x.push_back(static_cast<double>(e.epoch));
      training.y.push_back(e.accuracy);
      validation.x.push_back(static_cast<double>(e.epoch));
      validation.y.push_back(e.validation_accuracy.value_or(std::numeric_limits<double>::quiet_NaN()));
    }
    const std::lock_guard lock(mutex_);
    training_.push_back(std::move(training));
    validation_.push_back(std::move(validation));
  }

  /// A line for each trial, by name.
  std::vector<strata::Figure> figures() {
    const auto chart = [](const char* name, const char* heading, std::vector<strata::Series> lines) {
      std::sort(lines.begin(), lines.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
      return line_chart({.name = name,
                         .heading = heading,
                         .caption = "Of the trials that this run did, and not those of the table before it.",
                         .x = "epoch",
                         .y = "accuracy (share of right answers)",
                         .whole_x = true},
                        lines);
    };
    const std::lock_guard lock(mutex_);
    return {chart("validation", "Accuracy on the images held out", validation_),
            chart("training", "Accuracy in training", training_)};
  }

 private:
  std::mutex mutex_;
  std::vector<strata::Series> training_, validation_;
};

/// Those of the study that this program runs.
inline TrialCurves& trial_curves() {
  static TrialCurves curves;
  return curves;
}

/// Writes the table of a study that is no search to the file of --table.
[[gnu::cold]] inline void write_table(const Options& o, const std::string& rows) {
  if (o.table.empty()) return;
  strata::FileWriter file{o.table};
  file.write(rows);
  file.commit();
}

/// Prints a study's table.
[[gnu::cold]] inline void print(const strata::SearchResults& results, const Options& o) {
  const std::string table = to_string(results);
  std::printf("\n%s: %s\n\n%s", o.study->name, o.study->summary, table.c_str());
  if (!results.complete)
    std::printf("\nNot all trials were completed%s.\n",
                o.table.empty() ? "" : "; the same command goes on from the table");
  report_study(o, table, trial_curves().figures());
}

/// Trains a model of Net on the first part of the training images and evaluates it on the last tenth: a trial of a
/// study. The test images are left for the end.
template <class Net, strata::Optimizer Rule, strata::Loss By = strata::CrossEntropy>
strata::Outcome held_out(const Digits& digits, const strata::Trial& trial, const Options& o, const Rule& rule,
                         strata::FitOptions fit_options, const By& loss = {}) {
  const auto parts = digits.train.split(0.1);
  strata::Model<Net> model{strata::seed(o.seed), strata::threads(1)};
  fit_options.progress = strata::Progress::silent;
  fit_options.stop = &trial.stop;
  if (o.gave_epochs) fit_options.epochs = o.epochs;
  if (!o.report.empty()) fit_options.validation = parts.validation;
  const strata::History history = fit(model, parts.train, rule, fit_options, loss);
  if (!o.report.empty()) trial_curves().add(trial.name, history);
  return {evaluate(model, parts.validation), history};
}

}  // namespace example
