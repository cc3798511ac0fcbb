// The data that every program of models measures with: drawn digits, and photos of noise.
#pragma once

#include <cstdint>
#include <vector>

namespace bench {

/// Images and labels, without strata's types: peers are compiled for older standards of C++.
struct Samples {
  int height = 0, width = 0, channels = 0;
  std::vector<std::uint8_t> pixels;  ///< n x height x width x channels
  std::vector<std::int32_t> labels;  ///< n of 0 to 9

  /// The pixels as x / 255.
  std::vector<float> floats() const {
    std::vector<float> values(pixels.size());
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(pixels[i]) / 255.0f;
    return values;
  }
};

/// `count` images of 28 x 28 x 1: a few thousand drawn digits, again and again.
Samples digits(int count);

/// `count` images of 256 x 256 x 3 of random bytes.
Samples noise(int count);

/// What a model takes.
inline Samples samples_of(bool photos, int count) { return photos ? noise(count) : digits(count); }

}  // namespace bench
