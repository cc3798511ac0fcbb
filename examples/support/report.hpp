// The folder that --report leaves: curves, tables and pictures of a run, and of a study.
#pragma once

#include "digits.hpp"
#include "options.hpp"
#include "results.hpp"

#include <strata/report.hpp>
#include <strata/strata.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace example {

/// Twenty test images, drawn by the seed.
[[gnu::cold]] inline std::vector<std::int64_t> random_samples(const strata::Dataset& data, std::uint64_t seed) {
  const auto count = static_cast<std::size_t>(std::min<std::int64_t>(20, data.size()));
  std::mt19937_64 engine(seed);
  std::vector<std::int64_t> drawn;
  while (drawn.size() < count) {
    const auto i = static_cast<std::int64_t>(engine() % static_cast<std::uint64_t>(data.size()));
    if (std::find(drawn.begin(), drawn.end(), i) == drawn.end()) drawn.push_back(i);
  }
  return drawn;
}

/// The filters of a network whose first layer is a convolution.
template <class Model>
std::optional<strata::Filters> first_filters(Model& model) {
  const strata::Segment& first = Model::network::parameters.segments[0];
  if (first.parameter.rank != 4) return std::nullopt;
  const auto& e = first.parameter.extents;  // height, width, channels, filters
  const auto values = model.parameters().subspan(static_cast<std::size_t>(first.offset),
                                                 static_cast<std::size_t>(first.parameter.size()));
  return strata::Filters{e[0], e[1], e[2], e[3], values};
}

/// A report of a run with everything that suits any network; write() writes it.
template <class Model>
strata::Report report_of(Model& model, const Digits& digits, const Results& results, const Options& o) {
  strata::Report report(o.report, o.program);
  report.add_fact("test accuracy", results.evaluation->accuracy);
  report.add_fact("parameters", results.parameters);
  report.add_fact("training images", digits.train.size());
  report.add_fact(o.hold_out > 0 ? "held-out images" : "test images", digits.test.size());
  report.add_fact("epochs", results.history.epochs.size());
  report.add_fact("batch", o.batch);
  report.add_fact("learning rate", o.learning_rate);
  report.add_fact("seed", o.seed);
  report.add_fact("seconds", results.history.seconds);
  report.add_fact("data", results.data);
  if (!results.history.epochs.empty()) report.add_history(results.history);
  report.add_evaluation(*results.evaluation);
  const strata::Scores scores = strata::scores(model, digits.test);
  report.add_scores(scores);
  report.add_images("Twenty images", prediction_tiles(digits.test, scores, random_samples(digits.test, o.seed)),
                    "Drawn at random from the images that were not trained on, with what the network takes them for; "
                    "mistakes are framed in orange.");
  report.add_images("Mistakes", prediction_tiles(digits.test, scores, misclassified(scores)),
                    "Wrong answers, those first that the model is surest of.");
  if (const auto filters = first_filters(model)) {
    report.add_figure(filter_grid("First filters", *filters));
    report.add_figure(filter_effects("Effect of each filter", digits.test.image(0), *filters));
  }
  report.add_labels({{"training", label_counts(digits.train)}, {"test", label_counts(digits.test)}});
  return report;
}

/// For run(): leaves that report. A program that has more to show derives from it.
struct LeaveReport {
  /// Makes the folder, and throws where nothing can be written there: before there is something to lose.
  [[gnu::cold]] static void prepare(const Options& options) {
    std::filesystem::create_directories(options.report);
    strata::FileWriter{options.report + "/report.html"};
  }

  /// Writes what report_of() collects. Throws strata::Error.
  template <class Model>
  void operator()(Model& model, const Digits& digits, const Results& results, const Options& options) const {
    report_of(model, digits, results, options).write();
  }
};
/// The one that programs with nothing more to show hand to run().
constexpr LeaveReport leave_report;

/// A report of a study: its figures and its table.
[[gnu::cold]] inline void report_study(const Options& o, const std::string& table,
                                       const std::vector<strata::Figure>& figures) {
  if (o.report.empty()) return;
  strata::Report report(o.report, joined({o.program, ": ", o.study->summary}));
  for (const strata::Figure& figure : figures) report.add_figure(figure);
  report.add_text("Table", table);
  report.write();
  std::printf("\nReport: %s/report.html\n", o.report.c_str());
}

}  // namespace example
