// Pictures of another size, or with other channels.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/shape.hpp>
#include <strata/core/text.hpp>
#include <strata/data/picture.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace strata {

/// How the pixels of a smaller or larger picture come from those of another.
enum class Resample {
  bilinear,  ///< a triangle as wide as a pixel of the coarser of the two: antialiased, as Pillow's BILINEAR and
             ///< TensorFlow's resize with antialias
  area       ///< the mean over the area that a pixel covers (OpenCV's INTER_AREA); enlarged, pixels stay squares
};

/// How a picture comes to a shape of other proportions.
enum class Fit {
  stretch,  ///< each axis by itself: nothing is lost, and circles become ellipses
  crop,     ///< scaled until it covers the shape, then the middle of it
  pad       ///< scaled until it lies within, in the middle of black
};

namespace detail {

/// For each of `to` places along an axis the first of `from` places that it takes, and their weights, which add up
/// to 1.
struct AxisWeights {
  struct Window {
    int first = 0, count = 0;
    std::size_t weights = 0;  ///< where they begin
  };
  std::vector<Window> windows;
  std::vector<float> weights;

  AxisWeights(int from, int to, Resample how) {
    const double scale = static_cast<double>(from) / to, width = std::max(scale, 1.0);
    for (int i = 0; i < to; ++i) {
      const double centre = (i + 0.5) * scale;
      const double reach = how == Resample::bilinear ? width : scale / 2;
      const int first = std::max(0, static_cast<int>(std::floor(centre - reach)));
      const int end = std::min(from, static_cast<int>(std::ceil(centre + reach)));
      Window window{first, 0, weights.size()};
      double sum = 0;
      std::vector<double> of;
      for (int j = first; j < end; ++j) {
        const double weight =
            how == Resample::bilinear
                ? std::max(0.0, 1 - std::abs(j + 0.5 - centre) / width)
                : std::max(0.0, std::min(j + 1.0, centre + reach) - std::max(j + 0.0, centre - reach));
        of.push_back(weight);
        sum += weight;
      }
      for (const double w : of) weights.push_back(static_cast<float>(w / sum));
      window.count = static_cast<int>(of.size());
      windows.push_back(window);
    }
  }
};

inline void check_picture(const Picture& p) {
  if (p.shape.rank != 3 || p.shape.height < 1 || p.shape.width < 1 || p.shape.channels < 1 ||
      static_cast<std::int64_t>(p.bytes.size()) != p.shape.size())
    throw Error(joined({"a picture is height x width x channels, in bytes; this one is ", to_string(p.shape), " with ",
                        p.bytes.size(), " bytes"}));
}

}  // namespace detail

/// The picture with `height` x `width` pixels. Sums are in float, rounded to the nearest byte once. Throws Error where
/// either is below 1.
inline Picture resized(const Picture& from, int height, int width, Resample how = Resample::bilinear) {
  detail::check_picture(from);
  if (height < 1 || width < 1)
    throw Error(joined({"resized: ", height, " x ", width, " pixels; at least 1 is needed"}));
  const int channels = from.shape.channels;
  if (height == from.shape.height && width == from.shape.width) return from;
  const detail::AxisWeights rows(from.shape.height, height, how), columns(from.shape.width, width, how);
  const auto row_size = static_cast<std::size_t>(width) * static_cast<std::size_t>(channels);
  // Along the rows first, whose pixels lie together.
  std::vector<float> narrow(static_cast<std::size_t>(from.shape.height) * row_size);
  for (std::size_t y = 0; y < static_cast<std::size_t>(from.shape.height); ++y) {
    const std::uint8_t* const source = from.bytes.data() + y * static_cast<std::size_t>(from.shape.width * channels);
    float* to = narrow.data() + y * row_size;
    for (const auto& window : columns.windows)
      for (int c = 0; c < channels; ++c) {
        float sum = 0;
        for (int k = 0; k < window.count; ++k)
          sum += columns.weights[window.weights + static_cast<std::size_t>(k)] *
                 static_cast<float>(source[(window.first + k) * channels + c]);
        *to++ = sum;
      }
  }
  Picture result{Shape::image(height, width, channels),
                 std::vector<std::uint8_t>(static_cast<std::size_t>(height) * row_size)};
  std::vector<float> sums(row_size);
  for (std::size_t y = 0; y < static_cast<std::size_t>(height); ++y) {
    const auto& window = rows.windows[y];
    std::fill(sums.begin(), sums.end(), 0.5f);  // for rounding
    for (int k = 0; k < window.count; ++k) {
      const float weight = rows.weights[window.weights + static_cast<std::size_t>(k)];
      const float* const source = narrow.data() + static_cast<std::size_t>(window.first + k) * row_size;
      for (std::size_t i = 0; i < row_size; ++i) sums[i] += weight * source[i];
    }
    for (std::size_t i = 0; i < row_size; ++i)
      result.bytes[y * row_size + i] = static_cast<std::uint8_t>(std::clamp(sums[i], 0.0f, 255.0f));
  }
  return result;
}

/// `height` x `width` pixels of the picture from row `top` and column `left` on, either of which may be negative: what
/// lies outside of the picture is `fill`.
inline Picture cropped(const Picture& from, int top, int left, int height, int width, std::uint8_t fill = 0) {
  detail::check_picture(from);
  if (height < 1 || width < 1)
    throw Error(joined({"cropped: ", height, " x ", width, " pixels; at least 1 is needed"}));
  const std::int64_t channels = from.shape.channels;
  Picture result{Shape::image(height, width, from.shape.channels), {}};
  result.bytes.assign(static_cast<std::size_t>(result.shape.size()), fill);
  const std::int64_t first = std::max<std::int64_t>(0, -std::int64_t{left});
  const std::int64_t end = std::min<std::int64_t>(width, std::int64_t{from.shape.width} - left);
  for (std::int64_t y = 0; y < height; ++y) {
    const std::int64_t row = y + top;
    if (row < 0 || row >= from.shape.height || first >= end) continue;
    std::copy_n(from.bytes.begin() + (row * from.shape.width + left + first) * channels, (end - first) * channels,
                result.bytes.begin() + (y * width + first) * channels);
  }
  return result;
}

/// The picture with one channel (grey, as ITU-R BT.601 weighs red, green and blue) or three. What is transparent shows
/// white paper.
inline Picture with_channels(const Picture& from, int channels) {
  detail::check_picture(from);
  if (channels != 1 && channels != 3)
    throw Error(joined({"with_channels: ", channels, " channels; 1 or 3 can be made"}));
  const int has = from.shape.channels;
  if (has == channels) return from;
  if (has > 4) throw Error(joined({"with_channels: a picture of ", has, " channels"}));
  const bool colour = has >= 3, alpha = has % 2 == 0;
  Picture result{Shape::image(from.shape.height, from.shape.width, channels), {}};
  result.bytes.reserve(static_cast<std::size_t>(result.shape.size()));
  for (std::size_t i = 0; i < from.bytes.size(); i += static_cast<std::size_t>(has)) {
    float value[3] = {};
    const float opaque = alpha ? static_cast<float>(from.bytes[i + static_cast<std::size_t>(has) - 1]) / 255 : 1;
    for (std::size_t c = 0; c < 3; ++c)
      value[c] = static_cast<float>(from.bytes[i + (colour ? c : 0)]) * opaque + 255 * (1 - opaque);
    if (channels == 1) value[0] = .299f * value[0] + .587f * value[1] + .114f * value[2];
    for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c)
      result.bytes.push_back(static_cast<std::uint8_t>(value[c] + 0.5f));
  }
  return result;
}

/// The picture as a network's input wants it: its channels, then its size.
inline Picture fitted(const Picture& from, Shape shape, Fit fit = Fit::stretch, Resample how = Resample::bilinear) {
  const Picture picture = with_channels(from, shape.channels);
  if (fit == Fit::stretch) return resized(picture, shape.height, shape.width, how);
  const double down = static_cast<double>(shape.height) / picture.shape.height;
  const double across = static_cast<double>(shape.width) / picture.shape.width;
  const double scale = fit == Fit::crop ? std::max(down, across) : std::min(down, across);
  // The axis that decides is met exactly; a strip is never thinner than a pixel.
  const auto extent = [&](int from_extent, double own, int wanted) {
    return own == scale ? wanted : std::max(1, static_cast<int>(std::lround(from_extent * scale)));
  };
  const int height = extent(picture.shape.height, down, shape.height);
  const int width = extent(picture.shape.width, across, shape.width);
  if (std::int64_t{height} * width > (std::int64_t{100} << 20))
    throw Error(joined({"fitted: a picture of ", picture.shape.height, " x ", picture.shape.width,
                        " pixels is too long and thin to be cropped; take Fit::pad or Fit::stretch"}));
  const Picture scaled = resized(picture, height, width, how);
  return cropped(scaled, (height - shape.height) / 2, (width - shape.width) / 2, shape.height, shape.width);
}

}  // namespace strata
