// Which digits an example learns: MNIST where it is found, else digits that are drawn.
#pragma once

#include "options.hpp"

#include <strata/data/mnist.hpp>
#include <strata/data/synthetic_digits.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

namespace example {

/// A training and a test set, and where they came from.
struct Digits {
  strata::Dataset train;
  strata::Dataset test;
  std::string source;            ///< a folder, or "synthetic"
  strata::Dataset validation{};  ///< what each epoch is judged on, for people to see: the test images, or none
};

/// Where tools/fetch_mnist puts MNIST; empty where there is no home.
[[gnu::cold]] inline std::string cache_folder() {
  const char* const cache = std::getenv("XDG_CACHE_HOME");
  if (cache && *cache) return joined({cache, "/strata/mnist"});
  const char* const home = std::getenv("HOME");
  return home && *home ? joined({home, "/.cache/strata/mnist"}) : "";
}

/// The folder to read MNIST from; nothing where there is none. What --data names is taken in any case: it is an error
/// there, not a reason to learn something else, when a file is missing.
[[gnu::cold]] inline std::optional<std::string> find_mnist(const Options& options) {
  if (!options.data.empty()) return options.data;
  const char* const data = std::getenv("STRATA_DATA");
  for (const std::string& folder : {std::string(data ? data : ""), cache_folder()})
    if (!folder.empty() && strata::mnist::find(folder)) return folder;
  return std::nullopt;
}

/// The last of the training images in place of the test images, as --hold-out asks. Throws UsageError.
[[gnu::cold]] inline void hold_out(Digits& digits, std::int64_t count) {
  const std::int64_t all = digits.train.size();
  if (count >= all)
    throw UsageError(
        joined({"--hold-out ", count, " leaves nothing to train on: there are ", all, " training images"}));
  digits.test = digits.train.drop(all - count);
  digits.train = digits.train.take(all - count);
}

/// The digits that the options ask for, and one line that says which. Throws strata::Error.
[[gnu::cold]] inline Digits load_digits(const Options& options) {
  Digits digits;
  const auto limited = [&](std::int64_t all, std::int64_t share) {
    return options.samples == 0 ? all : std::clamp<std::int64_t>(options.samples / share, 1, all);
  };
  if (const std::optional<std::string> folder = find_mnist(options)) {
    auto [train, test] = strata::mnist::load(*folder);
    digits = {train.take(limited(train.size(), 1)), test.take(limited(test.size(), 6)), *folder};
  } else {
    constexpr std::uint64_t seed = 1;  // the same digits for every seed of the model
    const std::int64_t train = limited(60'000, 1), test = limited(10'000, 6);
    digits = {strata::synthetic_digits(train, seed), strata::synthetic_digits(test, seed, 60'000), "synthetic"};
  }
  if (!options.quiet) {
    std::printf("Data: %lld training and %lld test images, ", static_cast<long long>(digits.train.size()),
                static_cast<long long>(digits.test.size()));
    if (digits.source == "synthetic")
      std::printf(
          "drawn by strata, since there is no MNIST here; tools/fetch_mnist gets it, --data DIR names a folder\n\n");
    else
      std::printf("MNIST from %s\n\n", digits.source.c_str());
  }
  return digits;
}

}  // namespace example
