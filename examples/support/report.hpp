// What a run came to, as JSON.
#pragma once

#include "options.hpp"
#include "pictures.hpp"

#include <strata/core/file.hpp>
#include <strata/io/json.hpp>
#include <strata/model/evaluate.hpp>
#include <strata/train/history.hpp>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace example {

/// Everything that is told about a run.
struct Report {
  std::int64_t parameters = 0;
  std::string backend;                           ///< "cpu" or "cuda"
  int threads = 0;                               ///< of the CPU that worked; 0 on a GPU
  std::string data;                              ///< where the digits came from; empty where none were needed
  strata::History history;                       ///< empty where nothing was trained
  std::optional<strata::Evaluation> evaluation;  ///< on the test set, where there is one
  std::vector<PictureOfDigit> pictures;
};

/// Writes JSON with two spaces of indent, member by member.
class JsonText {
 public:
  [[gnu::cold]] void open(char bracket) {
    begin();
    text_ += bracket;
    ++depth_;
    first_ = true;
  }
  [[gnu::cold]] void close(char bracket) {
    --depth_;
    if (!first_) line();
    text_ += bracket;
    first_ = false;
  }
  [[gnu::cold]] void name(std::string_view name) {
    begin();
    strata::json::append_quoted(text_, name);
    text_ += ": ";
    named_ = true;
  }
  /// A number as short as it reads back the same to `digits`; null where it is not finite, as JSON has no word for
  /// that.
  [[gnu::cold]] void number(double value, int digits = 9) {
    char text[32];
    std::snprintf(text, sizeof text, "%.*g", digits, value);
    raw(std::isfinite(value) ? text : "null");
  }
  void whole(std::uint64_t value) { raw(joined({value})); }
  void truth(bool value) { raw(value ? "true" : "false"); }
  void null() { raw("null"); }
  [[gnu::cold]] void string(const std::string& value) {
    begin();
    // A path need not be UTF-8, JSON must be.
    std::string valid = value;
    for (std::size_t bad; (bad = strata::detail::find_invalid_utf8(valid)) != std::string::npos;) valid[bad] = '?';
    strata::json::append_quoted(text_, valid);
  }
  std::string take() { return std::move(text_) + "\n"; }

 private:
  [[gnu::cold]] void raw(std::string_view value) {
    begin();
    text_ += value;
  }
  [[gnu::cold]] void begin() {
    if (!named_ && depth_ > 0) {
      if (!first_) text_ += ",";
      line();
    }
    named_ = first_ = false;
  }
  [[gnu::cold]] void line() { text_.append("\n").append(static_cast<std::size_t>(2 * depth_), ' '); }

  std::string text_;
  int depth_ = 0;
  bool first_ = true;
  bool named_ = false;
};

/// The report as JSON. Without a test set, test_accuracy and test_loss are null.
[[gnu::cold]] inline std::string json_of(const Report& report, const Options& options) {
  const strata::History& history = report.history;
  std::int64_t seen = 0, epochs = 0;
  double training = 0;
  for (const strata::EpochRecord& e : history.epochs) {
    seen += e.samples;
    training += e.seconds;
    epochs += e.complete;
  }
  JsonText json;
  const auto whole = [&](const char* name, std::int64_t value) {
    json.name(name);
    json.whole(static_cast<std::uint64_t>(value));
  };
  const auto number = [&](const char* name, std::optional<double> value) {
    json.name(name);
    value ? json.number(*value) : json.null();
  };
  const auto string = [&](const char* name, const std::string& value) {
    json.name(name);
    json.string(value);
  };
  json.open('{');
  string("example", options.program);
  const auto& test = report.evaluation;
  number("test_accuracy", test ? std::optional(test->accuracy) : std::nullopt);
  number("test_loss", test ? std::optional(test->loss) : std::nullopt);
  whole("epochs", epochs);
  number("seconds", history.seconds);
  number("images_per_second", training > 0 ? static_cast<double>(seen) / training : 0);
  json.name("seed");
  json.whole(options.seed);
  whole("parameters", report.parameters);
  whole("batch", options.batch);
  number("learning_rate", options.learning_rate);
  string("backend", report.backend);
  whole("threads", report.threads);
  string("data", report.data);
  json.name("stopped");
  json.truth(history.stopped);
  json.name("history");
  json.open('[');
  for (const strata::EpochRecord& e : history.epochs) {
    json.open('{');
    whole("epoch", e.epoch);
    number("loss", e.loss);
    number("accuracy", e.accuracy);
    number("validation_loss", e.validation_loss);
    number("validation_accuracy", e.validation_accuracy);
    number("seconds", e.seconds);
    number("images_per_second", e.images_per_second);
    whole("samples", e.samples);
    json.close('}');
  }
  json.close(']');
  json.name("predictions");
  json.open('[');
  for (const PictureOfDigit& picture : report.pictures) {
    json.open('{');
    string("image", picture.path);
    whole("class", picture.predicted());
    json.name("probabilities");
    json.open('[');
    for (const float p : picture.probabilities) json.number(static_cast<double>(p));
    json.close(']');
    json.close('}');
  }
  json.close(']');
  json.close('}');
  return json.take();
}

/// Writes the report to the file of --json, aside first. Throws strata::Error.
[[gnu::cold]] inline void write_json(const Report& report, const Options& options) {
  strata::FileWriter file{options.json};
  file.write(json_of(report, options));
  file.commit();
}

}  // namespace example
