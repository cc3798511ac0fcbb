// The pictures of --predict: read before training, so that a wrong path costs no time, and shown after it.
#pragma once

#include <strata/core/error.hpp>
#include <strata/data/digit_image.hpp>
#include <strata/data/image_file.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

namespace example {

/// A picture's digit in MNIST's form, and what a model says about it.
struct PictureOfDigit {
  std::string path;
  strata::DigitImage digit{};
  std::array<float, 10> probabilities{};

  /// Takes what a model predicts: probabilities, or their logarithms, of which at least one is negative.
  void take(const std::array<float, 10>& outputs) {
    probabilities = outputs;
    if (std::any_of(outputs.begin(), outputs.end(), [](float x) { return x < 0; }))
      for (float& p : probabilities) p = std::exp(p);
  }

  /// The class of the highest probability.
  int predicted() const {
    return static_cast<int>(std::max_element(probabilities.begin(), probabilities.end()) - probabilities.begin());
  }
  /// For strata::predict.
  strata::Sample sample() const { return {strata::Shape::image(28, 28, 1), digit, {}}; }
};

/// Reads the pictures. Throws strata::Error with the path of the first that holds no digit that can be seen.
[[gnu::cold]] inline std::vector<PictureOfDigit> read_pictures(const std::vector<std::string>& paths) {
  std::vector<PictureOfDigit> pictures;
#ifdef STRATA_WITH_STB
  for (const std::string& path : paths) {
    const strata::Picture picture = strata::read_picture(path);
    try {
      pictures.push_back({path, strata::digit_image(picture.sample()), {}});
    } catch (const strata::Error& e) {
      throw strata::Error(joined({path, ": ", e.what()}));
    }
  }
#else
  if (!paths.empty()) strata::read_picture(paths.front());  // says how to build a program that can
#endif
  return pictures;
}

/// Prints what was read: the class, and the probabilities as bars.
[[gnu::cold]] inline void print(const PictureOfDigit& picture) {
  const auto best = static_cast<std::size_t>(picture.predicted());
  std::printf("%s: %zu\n", picture.path.c_str(), best);
  for (std::size_t c = 0; c < picture.probabilities.size(); ++c) {
    constexpr int width = 40;
    const double p = static_cast<double>(picture.probabilities[c]);
    const std::string bar(static_cast<std::size_t>(p * width + .5), '#');
    std::printf("%4zu %6.2f %% %s%s\n", c, 100 * p, bar.c_str(), c == best ? "  <" : "");
  }
  std::printf("\n");
}

}  // namespace example
