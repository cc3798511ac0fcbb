// The data that every program of models measures with.
#include "samples.hpp"

#include <strata/data/synthetic_digits.hpp>

#include <algorithm>
#include <cstddef>

namespace bench {

Samples digits(int count) {
  constexpr std::size_t values = 28 * 28;
  const strata::Dataset drawn = strata::synthetic_digits(std::min(count, 4096), 1);
  const auto n = static_cast<std::size_t>(count), distinct = static_cast<std::size_t>(drawn.size());
  Samples samples{28, 28, 1, std::vector<std::uint8_t>(n * values), std::vector<std::int32_t>(n)};
  for (std::size_t i = 0; i < n; ++i) {
    const auto from = drawn.bytes().subspan(i % distinct * values, values);
    std::copy(from.begin(), from.end(), samples.pixels.begin() + static_cast<std::ptrdiff_t>(i * values));
    samples.labels[i] = drawn.labels()[i % distinct];
  }
  return samples;
}

Samples noise(int count) {
  const auto n = static_cast<std::size_t>(count);
  Samples samples{256, 256, 3, std::vector<std::uint8_t>(n * 256 * 256 * 3), std::vector<std::int32_t>(n)};
  std::uint32_t state = 1;
  for (std::uint8_t& pixel : samples.pixels) {
    state = state * 1664525u + 1013904223u;
    pixel = static_cast<std::uint8_t>(state >> 24);
  }
  for (std::size_t i = 0; i < n; ++i) samples.labels[i] = static_cast<std::int32_t>(i % 10);
  return samples;
}

}  // namespace bench
