// The options of the examples that learn folders of pictures, and how they are read.
#pragma once

#include "command_line.hpp"

#include <cstdint>
#include <string>

namespace example {

/// What the command line asks of a training; a program begins with its own numbers.
struct TrainingOptions {
  std::string data;             ///< --data: a folder
  std::string save;             ///< --save; empty: keep nothing
  std::int64_t epochs = 10;     ///< --epochs
  int batch = 16;               ///< --batch
  double learning_rate = 1e-3;  ///< --learning-rate
  std::uint64_t seed = 42;      ///< --seed
  int threads = 0;              ///< --threads; 0: one for each core
  bool help = false;            ///< --help

  /// Takes an option that is one of these. Throws UsageError where its value is not what it wants.
  [[gnu::cold]] void take(const GivenOption& given) {
    const std::string& name = given.name;
    if (name == "--data") data = given.value;
    if (name == "--save") save = given.value;
    if (name == "--epochs") epochs = count(given);
    if (name == "--batch") batch = static_cast<int>(count(given));
    if (name == "--learning-rate") learning_rate = positive_number(given);
    if (name == "--seed") seed = static_cast<std::uint64_t>(count(given, 0));
    if (name == "--threads") threads = static_cast<int>(whole_number(given, 0, 1024, "0 to 1024"));
    if (name == "--help") help = true;
  }

  /// How many of something: 1 to 1,000,000, or 0 too. Throws UsageError.
  [[gnu::cold]] static std::int64_t count(const GivenOption& given, std::int64_t least = 1) {
    return whole_number(given, least, 1'000'000, least > 0 ? "a whole number above 0" : "a whole number from 0 on");
  }
};

}  // namespace example
