// What studies share: folds or a part held out, searches with the options of the command line, and their tables.
#pragma once

#include "digits.hpp"
#include "options.hpp"
#include "report.hpp"

#include <strata/selection.hpp>
#include <strata/strata.hpp>

#include <cstdio>
#include <string>
#include <vector>

namespace example {

/// A search as the command line asks for it.
inline strata::SearchOptions search_options(const Options& o) {
  return {.file = o.table, .threads = o.threads, .seconds = o.budget, .stop = o.stop, .progress = o.progress};
}

/// Prints a study's table.
[[gnu::cold]] inline void print(const strata::SearchResults& results, const Options& o) {
  const std::string table = to_string(results);
  std::printf("\n%s: %s\n\n%s", o.study->name, o.study->summary, table.c_str());
  if (!results.complete)
    std::printf("\nNot all trials were completed%s.\n",
                o.table.empty() ? "" : "; the same command goes on from the table");
  report_study(o, table);
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
  const strata::History history = fit(model, parts.train, rule, fit_options, loss);
  return {evaluate(model, parts.validation), history};
}

}  // namespace example
