// A run's numbers as files for other programs: history.csv and metrics.json.
#pragma once

#include <strata/io/json_writer.hpp>
#include <strata/metrics/confusion_matrix.hpp>
#include <strata/metrics/log_loss.hpp>
#include <strata/metrics/precision_recall.hpp>
#include <strata/metrics/roc.hpp>
#include <strata/metrics/top_k_accuracy.hpp>
#include <strata/model/evaluation.hpp>
#include <strata/report/quoting.hpp>
#include <strata/train/history.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace strata {

/// A row for each epoch below a header; what an epoch does not have is empty.
[[gnu::cold]] inline std::string history_csv(const History& history) {
  std::string text =
      "epoch,loss,accuracy,validation_loss,validation_accuracy,learning_rate,seconds,images_per_second,samples,"
      "complete,best\n";
  const auto number = [](std::optional<double> value) { return value ? detail::shown_number(*value, 9) : ""; };
  for (const EpochRecord& e : history.epochs)
    append(text, {e.epoch,
                  ",",
                  number(e.loss),
                  ",",
                  number(e.accuracy),
                  ",",
                  number(e.validation_loss),
                  ",",
                  number(e.validation_accuracy),
                  ",",
                  number(e.learning_rate),
                  ",",
                  number(e.seconds),
                  ",",
                  number(e.images_per_second),
                  ",",
                  e.samples,
                  ",",
                  int{e.complete},
                  ",",
                  int{e.best},
                  "\n"});
  return text;
}

namespace detail {

[[gnu::cold]] inline void write_member(json::Writer& json, const char* name, std::optional<double> value) {
  json.name(name);
  value ? json.number(*value) : json.null();
}

[[gnu::cold]] inline void write_member(json::Writer& json, const char* name, const std::vector<std::int64_t>& counts) {
  json.name(name);
  json.open('[');
  for (const std::int64_t n : counts) json.whole(static_cast<std::uint64_t>(n));
  json.close(']');
}

[[gnu::cold]] inline void write_history(json::Writer& json, const History& history) {
  json.name("history");
  json.open('{');
  json.name("epochs");
  json.whole(history.epochs.size());
  write_member(json, "seconds", history.seconds);
  json.name("stopped");
  json.truth(history.stopped);
  json.name("stopped_early");
  json.truth(history.stopped_early);
  if (!history.epochs.empty()) {
    const EpochRecord& last = history.last();
    write_member(json, "loss", last.loss);
    write_member(json, "accuracy", last.accuracy);
    write_member(json, "validation_loss", last.validation_loss);
    write_member(json, "validation_accuracy", last.validation_accuracy);
  }
  json.close('}');
}

[[gnu::cold]] inline void write_class_score(json::Writer& json, const ClassScore& s) {
  json.open('{');
  write_member(json, "precision", s.precision);
  write_member(json, "recall", s.recall);
  write_member(json, "f1", s.f1);
  json.name("support");
  json.whole(static_cast<std::uint64_t>(s.support));
  json.close('}');
}

[[gnu::cold]] inline void write_evaluation(json::Writer& json, const Evaluation& e) {
  json.open('{');
  json.name("samples");
  json.whole(static_cast<std::uint64_t>(e.samples));
  write_member(json, "loss", e.loss);
  write_member(json, "accuracy", e.accuracy);
  json.name("classes");
  json.open('[');
  for (int c = 0; c < e.confusion.classes; ++c) write_class_score(json, e.confusion.score(c));
  json.close(']');
  json.name("macro_average");
  write_class_score(json, e.confusion.macro_average());
  json.name("weighted_average");
  write_class_score(json, e.confusion.weighted_average());
  write_member(json, "confusion", e.confusion.counts);
  json.close('}');
}

[[gnu::cold]] inline void write_scores(json::Writer& json, const ScoresView& scores) {
  const auto is_probability = [](float p) { return p >= 0 && p <= 1; };
  const bool are_probabilities = std::all_of(scores.values().begin(), scores.values().end(), is_probability);
  json.open('{');
  json.name("samples");
  json.whole(static_cast<std::uint64_t>(scores.size()));
  write_member(json, "log_loss", are_probabilities ? std::optional(log_loss(scores)) : std::nullopt);
  for (const auto& [name, k] : {std::pair("top_2_accuracy", 2), std::pair("top_3_accuracy", 3)})
    if (scores.classes() > k) write_member(json, name, top_k_accuracy(scores, k));
  for (const auto& [name, measure] : {std::pair<const char*, double (*)(const Ranking&)>("roc_auc", roc_auc),
                                      {"average_precision", average_precision}}) {
    json.name(name);
    json.open('[');
    for (int c = 0; c < scores.classes(); ++c) json.number(measure(ranking(scores, c)));
    json.close(']');
  }
  json.close('}');
}

}  // namespace detail
}  // namespace strata
