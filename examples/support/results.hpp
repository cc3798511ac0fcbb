// What a run came to, as JSON.
#pragma once

#include "options.hpp"
#include "pictures.hpp"

#include <strata/core/file.hpp>
#include <strata/io/json_writer.hpp>
#include <strata/model/evaluate.hpp>
#include <strata/train/history.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace example {

/// Everything that is told about a run.
struct Results {
  std::int64_t parameters = 0;
  std::string backend;                           ///< "cpu" or "cuda"
  int threads = 0;                               ///< of the CPU that worked; 0 on a GPU
  std::string data;                              ///< where the digits came from; empty where none were needed
  strata::History history;                       ///< empty where nothing was trained
  std::optional<strata::Evaluation> evaluation;  ///< on the test images, or on those that are held out in their place
  std::vector<PictureOfDigit> pictures;
};

/// The results as JSON. Without a test set, test_accuracy and test_loss are null.
[[gnu::cold]] inline std::string json_of(const Results& results, const Options& options) {
  const strata::History& history = results.history;
  std::int64_t seen = 0, epochs = 0;
  double training = 0;
  for (const strata::EpochRecord& e : history.epochs) {
    seen += e.samples;
    training += e.seconds;
    epochs += e.complete;
  }
  strata::json::Writer json;
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
  const auto& test = results.evaluation;
  number("test_accuracy", test ? std::optional(test->accuracy) : std::nullopt);
  number("test_loss", test ? std::optional(test->loss) : std::nullopt);
  whole("epochs", epochs);
  number("seconds", history.seconds);
  number("images_per_second", training > 0 ? static_cast<double>(seen) / training : 0);
  json.name("seed");
  json.whole(options.seed);
  whole("parameters", results.parameters);
  whole("batch", options.batch);
  number("learning_rate", options.learning_rate);
  string("backend", results.backend);
  whole("threads", results.threads);
  string("data", results.data);
  json.name("improved");
  json.truth(options.improved);
  whole("held_out", options.hold_out);
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
  for (const PictureOfDigit& picture : results.pictures) {
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

/// Writes the results to the file of --json, aside first. Throws strata::Error.
[[gnu::cold]] inline void write_json(const Results& results, const Options& options) {
  strata::FileWriter file{options.json};
  file.write(json_of(results, options));
  file.commit();
}

}  // namespace example
