// A convolution's filters as images, and what each of them makes of one sample.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/text.hpp>
#include <strata/data/dataset.hpp>
#include <strata/report/figure.hpp>
#include <strata/report/tiles.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace strata {

/// The kernel of a convolution, as its tensor holds it: height x width x channels x count floats.
struct Filters {
  int height = 0, width = 0, channels = 0, count = 0;
  std::span<const float> values;  ///< model.tensor("conv_1/kernel")

  float at(int y, int x, int channel, int filter) const {
    return values[static_cast<std::size_t>(((std::int64_t{y} * width + x) * channels + channel) * count + filter)];
  }

  /// Throws Error unless the sizes are above 0 and the values fill them.
  [[gnu::cold]] void check() const {
    if (height < 1 || width < 1 || channels < 1 || count < 1 ||
        static_cast<std::int64_t>(values.size()) != std::int64_t{height} * width * channels * count)
      throw Error(joined({"Filters: ", height, " x ", width, " x ", channels, " x ", count, " with ", values.size(),
                          " values; they are height x width x channels x count"}));
  }
};

namespace detail {

/// Numbers as colours: white is 0, orange above and blue below, full at +-largest.
[[gnu::cold]] inline ImageTile signed_tile(int height, int width, std::span<const float> values, float largest,
                                           std::string caption) {
  constexpr std::array<double, 3> above{179, 69, 0}, below{0, 90, 160};
  ImageTile tile{height, width, {}, std::move(caption), false};
  for (const float v : values) {
    const double share =
        largest > 0 ? std::min(1.0, std::abs(static_cast<double>(v)) / static_cast<double>(largest)) : 0;
    for (std::size_t c = 0; c < 3; ++c)
      tile.rgb.push_back(static_cast<std::uint8_t>(std::lround(255 + ((v > 0 ? above : below)[c] - 255) * share)));
  }
  return tile;
}

[[gnu::cold]] inline float largest_magnitude(std::span<const float> values) {
  float largest = 0;
  for (const float v : values)
    if (std::isfinite(v)) largest = std::max(largest, std::abs(v));
  return largest;
}

[[gnu::cold]] inline std::string scale_caption(float largest) {
  const std::string bound = shown_number(static_cast<double>(largest), 3);
  return joined({"White is 0, blue below it, orange above; full colours are -", bound, " and ", bound, "."});
}

}  // namespace detail

/// Every filter, one image for each of its channels, all in one scale.
[[gnu::cold]] inline Figure filter_grid(std::string heading, const Filters& filters) {
  filters.check();
  const float largest = detail::largest_magnitude(filters.values);
  std::vector<ImageTile> tiles;
  for (int k = 0; k < filters.count; ++k)
    for (int c = 0; c < filters.channels; ++c) {
      std::vector<float> values;
      for (int y = 0; y < filters.height; ++y)
        for (int x = 0; x < filters.width; ++x) values.push_back(filters.at(y, x, c, k));
      tiles.push_back(detail::signed_tile(filters.height, filters.width, values, largest,
                                          filters.channels == 1 ? std::to_string(k) : joined({k, ", channel ", c})));
    }
  return image_grid(std::move(heading), tiles, filters.channels == 1 ? 0 : filters.channels,
                    detail::scale_caption(largest));
}

/// The correlation of the sample with filter k at every place, zeros around it: height x width values, what the
/// convolution computes without bias and activation. Bytes count from 0 to 1. Throws Error where the filters have
/// other channels.
[[gnu::cold]] inline std::vector<float> filter_response(const Sample& sample, const Filters& filters, int k) {
  const int height = sample.shape.height, width = sample.shape.width, channels = sample.shape.channels;
  if (sample.shape.rank != 3 || channels != filters.channels)
    throw Error(joined({"filter_response: filters of ", filters.channels, " channels for ", to_string(sample.shape)}));
  const auto pixel = [&](int y, int x, int c) {
    if (y < 0 || y >= height || x < 0 || x >= width) return 0.0f;
    const auto at = static_cast<std::size_t>((std::int64_t{y} * width + x) * channels + c);
    return sample.holds_bytes() ? static_cast<float>(sample.bytes[at]) / 255 : sample.floats[at];
  };
  std::vector<float> map;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      float sum = 0;
      for (int i = 0; i < filters.height; ++i)
        for (int j = 0; j < filters.width; ++j)
          for (int c = 0; c < channels; ++c)
            sum += filters.at(i, j, c, k) * pixel(y + i - filters.height / 2, x + j - filters.width / 2, c);
      map.push_back(sum);
    }
  return map;
}

/// The sample and each filter's response to it, all in one scale.
[[gnu::cold]] inline Figure filter_effects(std::string heading, const Sample& sample, const Filters& filters) {
  filters.check();
  std::vector<std::vector<float>> maps;
  float largest = 0;
  for (int k = 0; k < filters.count; ++k) {
    maps.push_back(filter_response(sample, filters, k));
    largest = std::max(largest, detail::largest_magnitude(maps.back()));
  }
  std::vector<ImageTile> tiles{image_tile(sample, "image")};
  for (std::size_t k = 0; k < maps.size(); ++k)
    tiles.push_back(detail::signed_tile(sample.shape.height, sample.shape.width, maps[k], largest, std::to_string(k)));
  return image_grid(std::move(heading), tiles, 0, detail::scale_caption(largest));
}

}  // namespace strata
