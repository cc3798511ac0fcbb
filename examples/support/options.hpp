// The options that every example takes.
#pragma once

#include "command_line.hpp"

#include <strata/train/progress.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace example {

struct Digits;
struct Options;

/// A study of an example: what --study NAME runs instead of one training.
struct Study {
  const char* name;
  const char* summary;
  void (*run)(const Digits&, const Options&);
  std::string_view unused = "";  ///< options that say nothing with it, with blanks between: "--batch --epochs"
};

/// How to train a network better than it was first published: with images changed at random and one cycle of the
/// learning rate (fit_options), for so long.
struct Improved {
  std::int64_t epochs;
  int batch;
  double learning_rate;
  double strength = 1;  ///< of the changes: a network of little capacity learns from gentler ones
};

/// What an example says of itself: its name, a sentence for --help, and how it trains unless told otherwise.
struct About {
  std::string name;
  std::string summary;
  std::int64_t epochs = 10;
  int batch = 32;
  double learning_rate = 1e-3;
  std::optional<Improved> improved = {};  ///< what --improved takes for the three above
  std::vector<Study> studies = {};
  OptionGroup own = {};                      ///< options that only this example takes
  Digits (*load)(const Options&) = nullptr;  ///< where its data comes from, if not from MNIST's files
  bool reports = false;                      ///< set by run(): whether it can leave a folder of pictures
};

/// What --backend says.
enum class Backend { automatic, cpu, cuda };

/// The command line, read and checked.
struct Options {
  std::string program;        ///< the example's name
  std::string data;           ///< --data; empty: look for MNIST, else draw digits
  std::int64_t samples = 0;   ///< --samples; 0: all
  std::int64_t hold_out = 0;  ///< --hold-out
  bool validates = true;      ///< false with --no-validation
  bool improved = false;      ///< --improved
  double strength = 1;        ///< of the changes that --improved makes in images
  std::int64_t epochs = 0;    ///< --epochs
  int batch = 0;              ///< --batch
  double learning_rate = 0;   ///< --learning-rate
  std::uint64_t seed = 42;    ///< --seed
  Backend backend = Backend::automatic;
  int threads = 0;                  ///< --threads; 0: all cores
  std::string load;                 ///< --load; empty: begin afresh
  std::string save;                 ///< --save; empty: keep nothing
  std::vector<std::string> images;  ///< --predict
  std::string json;                 ///< --json; empty: no such file
  std::string report;               ///< --report; empty: no such folder
  strata::Progress progress = strata::Progress::automatic;
  bool quiet = false;  ///< --quiet
  bool trains = true;  ///< false where weights are loaded and --epochs is not given
  bool help = false;   ///< --help

  const Study* study = nullptr;  ///< --study
  bool gave_epochs = false;      ///< a study has epochs of its own unless --epochs is given
  double budget = 0;             ///< --budget, in seconds; 0: none
  std::string table;             ///< --table

  std::vector<GivenOption> own;  ///< the example's own options

  /// Whether one of these was given.
  bool has(const std::string& name) const {
    return std::any_of(own.begin(), own.end(), [&](const GivenOption& given) { return given.name == name; });
  }
  /// The value of one of these; empty where it was not given.
  std::string value(const std::string& name) const {
    for (const GivenOption& given : own)
      if (given.name == name) return given.value;
    return {};
  }

  const std::atomic<bool>* stop = nullptr;  ///< becomes true at Ctrl-C; for FitOptions

  /// Whether there is anything to do that takes a data set.
  bool wants_data() const { return trains || images.empty(); }
};

/// The table behind --help.
[[gnu::cold]] inline std::vector<OptionGroup> option_groups(const About& about) {
  using enum Option::Takes;
  const auto shown = [](double x) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", x);
    return std::string(text);
  };
  std::vector<OptionGroup> groups = {
      {"Data",
       {{"--data", "DIR",
         "folder with the four files of MNIST, plain or .gz;\nwithout it: $STRATA_DATA, then where tools/fetch_mnist\n"
         "puts them (~/.cache/strata/mnist), then digits that\nstrata draws"},
        {"--samples", "N", "the first N training images only, and N / 6 test\nimages", "all"},
        {"--hold-out", "N", "the last N training images stand in for the test\nimages: to choose settings by"}}},
      {"Training",
       {{"--epochs", "N", "how many times each image is seen", std::to_string(about.epochs)},
        {"--batch", "N", "images of one step", std::to_string(about.batch)},
        {"--learning-rate", "X", "size of the optimizer's steps", shown(about.learning_rate)},
        {"--seed", "N", "of first weights, order and dropout; one seed gives\none result", "42"},
        {"--backend", "NAME", "cuda, cpu, or auto: the GPU where one works", "auto"},
        {"--threads", "N", "threads of the CPU to use; 0: one for each core", "0"},
        {"--no-validation", "", "look at the test images once, at the end, and not\nbehind each epoch too", "",
         nothing}}},
      {"The model",
       {{"--load", "FILE", "begin with these weights; trains on only with --epochs"},
        {"--save", "FILE", "write the weights, as safetensors"},
        {"--predict", "IMAGE...", "read the digit on these pictures, PNG, JPEG or BMP,\ndark on bright or the reverse",
         "", many_values}}},
      {"Reports",
       {{"--json", "FILE", "write the results as JSON"},
        {"--quiet", "", "print the result only", "", nothing},
        {"--help", "", "print this", "", nothing}}},
  };
  if (about.improved) {
    const Improved& i = *about.improved;
    groups[1].options.push_back(
        {"--improved", "", "train better: images changed at random, one cycle of\nthe learning rate", "", nothing});
    groups[1].options.back().preset =
        joined({"off; ", i.epochs, " epochs, batch ", i.batch, ", rate ", shown(i.learning_rate)});
  }
  if (about.reports)
    groups[3].options.push_back({"--report", "DIR", "leave pictures, tables and report.html in this folder"});
  if (!about.own.options.empty()) groups.insert(groups.begin() + 1, about.own);
  if (!about.studies.empty())
    groups.push_back({"Studies",
                      {{"--study", "NAME", "run one of the studies below instead of one training"},
                       {"--budget", "MINUTES", "end behind so long; what was not completed is left out"},
                       {"--table", "FILE", "the study's table as CSV; a later search goes on from\nit"}}});
  return groups;
}

/// The studies behind --help.
[[gnu::cold]] inline std::string studies_text(const About& about) {
  std::size_t width = 0;
  for (const Study& s : about.studies) width = std::max(width, std::string_view(s.name).size());
  std::string text = about.studies.empty() ? "" : "\nStudies by name\n";
  for (const Study& s : about.studies)
    append(text, {"  ", s.name, std::string(width + 2 - std::string_view(s.name).size(), ' '), s.summary, "\n"});
  return text;
}

/// Throws UsageError with the names there are.
[[gnu::cold]] inline const Study* find_study(const About& about, const std::string& name) {
  std::string names;
  for (const Study& s : about.studies) {
    if (s.name == name) return &s;
    append(names, {names.empty() ? "" : ", ", s.name});
  }
  detail::refuse("--study", joined({"one of ", names}), name);
}

/// Throws UsageError where an option was given that a study has no use for.
[[gnu::cold]] inline void check_study(const Study& study, const std::vector<GivenOption>& given) {
  for (const auto& [name, value] : given) {
    if (name == "--backend" && value != "cpu")
      throw UsageError(
          joined({"--study runs on the CPU, several models at once: --backend ", value, " says nothing with it"}));
    if (joined({" ", study.unused, " "}).find(joined({" ", name, " "})) != std::string::npos)
      throw UsageError(joined({name, " says nothing with --study ", study.name, ", which does not use it"}));
  }
}

/// Throws UsageError.
inline Backend read_backend(const GivenOption& given) {
  if (given.value == "cpu") return Backend::cpu;
  if (given.value == "cuda") return Backend::cuda;
  if (given.value != "auto") detail::refuse(given.name, "cuda, cpu or auto", given.value);
  return Backend::automatic;
}

/// Reads the command line. Throws UsageError.
[[gnu::cold]] inline Options read_options(int argc, char** argv, const About& about) {
  constexpr std::int64_t most_int = std::numeric_limits<int>::max();
  Options o;
  o.program = about.name;
  o.epochs = about.epochs;
  o.batch = about.batch;
  o.learning_rate = about.learning_rate;
  std::string training_option, data_option;
  bool gave_batch = false, gave_rate = false;
  const std::vector<GivenOption> all = parse(argc, argv, option_groups(about));
  for (const GivenOption& given : all) {
    const auto& [name, value] = given;
    const auto count = [&](std::int64_t most) { return whole_number(given, 1, most, "a whole number above 0"); };
    if (name == "--batch" || name == "--learning-rate" || name == "--improved" || name == "--no-validation")
      training_option = name;
    if (name == "--data" || name == "--samples" || name == "--hold-out" || name == "--report") data_option = name;
    if (name == "--epochs") o.gave_epochs = true;
    if (name == "--data") o.data = value;
    if (name == "--samples") o.samples = count(1'000'000);
    if (name == "--epochs") o.epochs = count(1'000'000);
    if (name == "--hold-out") o.hold_out = count(1'000'000);
    if (name == "--no-validation") o.validates = false;
    if (name == "--improved") o.improved = true;
    if (name == "--batch") gave_batch = true;
    if (name == "--learning-rate") gave_rate = true;
    if (name == "--report") o.report = value;
    if (name == "--batch") o.batch = static_cast<int>(count(most_int));
    if (name == "--learning-rate") o.learning_rate = positive_number(given);
    if (name == "--seed")
      o.seed = static_cast<std::uint64_t>(
          whole_number(given, 0, std::numeric_limits<std::int64_t>::max(), "a whole number from 0 on"));
    if (name == "--backend") o.backend = read_backend(given);
    if (name == "--threads")
      o.threads = static_cast<int>(whole_number(given, 0, 1024, "a whole number from 0 to 1024"));
    if (name == "--load") o.load = value;
    if (name == "--save") o.save = value;
    if (name == "--predict") o.images.push_back(value);
    if (name == "--json") o.json = value;
    if (name == "--quiet") o.quiet = true;
    if (name == "--help") o.help = true;
    if (name == "--study") o.study = find_study(about, value);
    if (name == "--budget") o.budget = 60 * positive_number(given);
    if (name == "--table") o.table = value;
    for (const Option& own : about.own.options)
      if (name == own.name) o.own.push_back(given);
  }
  if (o.improved) {
    o.strength = about.improved->strength;
    if (!o.gave_epochs) o.epochs = about.improved->epochs;
    if (!gave_batch) o.batch = about.improved->batch;
    if (!gave_rate) o.learning_rate = about.improved->learning_rate;
  }
  o.progress = o.quiet ? strata::Progress::silent : strata::Progress::automatic;
  o.trains = o.gave_epochs || o.load.empty();
  if (!o.study && (o.budget > 0 || !o.table.empty()) && !o.help)
    throw UsageError("--budget and --table belong to a study; --study NAME runs one");
  if (o.study && (o.improved || o.hold_out > 0 || !o.validates) && !o.help)
    throw UsageError("--study trains in its own ways: --improved, --hold-out and --no-validation say nothing with it");
  if (o.study && (!o.load.empty() || !o.save.empty() || !o.images.empty() || !o.json.empty()) && !o.help)
    throw UsageError("--study trains many models: --load, --save, --predict and --json say nothing with it");
  if (o.study && !o.help) check_study(*o.study, all);
  if (!o.wants_data() && !data_option.empty() && !o.help)
    throw UsageError(
        joined({data_option, " says nothing here: --load with --predict reads pictures and needs no data"}));
  if (!o.trains && !training_option.empty() && !o.help)
    throw UsageError(
        joined({training_option, " says nothing here: with --load the weights are used as they are; --epochs N ",
                "trains on"}));
  return o;
}

}  // namespace example
