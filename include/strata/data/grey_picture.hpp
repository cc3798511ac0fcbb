// A picture of one channel in floats, and the few operations that reading a digit from a photograph takes.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/text.hpp>
#include <strata/data/dataset.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace strata::detail {

// height x width floats, rows from top to bottom.
struct GreyPicture {
  int height = 0;
  int width = 0;
  std::vector<float> values;

  GreyPicture() = default;
  GreyPicture(int h, int w) : height(h), width(w), values(static_cast<std::size_t>(h) * static_cast<std::size_t>(w)) {}

  std::size_t place(int y, int x) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x);
  }
  float& at(int y, int x) { return values[place(y, x)]; }
  float at(int y, int x) const { return values[place(y, x)]; }
};

// A part of a picture, in pixels; right and bottom are the first ones outside.
struct PixelBox {
  int left, top, right, bottom;
  int width() const { return right - left; }
  int height() const { return bottom - top; }
};

// Luma of a picture of 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGBA) bytes a pixel, 0 to 255, as ITU-R BT.601 weighs
// it; what is transparent shows white paper.
inline GreyPicture grey_of(const Sample& picture) {
  const auto [rank, height, width, channels] = picture.shape;
  if (rank != 3 || height < 1 || width < 1 || channels < 1 || channels > 4 ||
      static_cast<std::int64_t>(picture.bytes.size()) != picture.shape.size()) {
    throw Error(joined({"digit_image: a picture is height x width x 1 to 4 channels, in bytes; this one is ",
                        to_string(picture.shape), " with ", picture.bytes.size(), " bytes"}));
  }
  GreyPicture grey(height, width);
  const auto step = static_cast<std::size_t>(channels);
  const bool colour = channels >= 3, alpha = channels % 2 == 0;
  for (std::size_t i = 0; i < grey.values.size(); ++i) {
    const auto pixel = picture.bytes.subspan(i * step, step);
    const auto v = [&](std::size_t c) { return static_cast<float>(pixel[c]); };
    const float luma = colour ? .299f * v(0) + .587f * v(1) + .114f * v(2) : v(0);
    const float opaque = alpha ? v(step - 1) / 255 : 1;
    grey.values[i] = luma * opaque + 255 * (1 - opaque);
  }
  return grey;
}

// For each pixel of a line of `to` pixels that is made from pixels `first` to `first + count` of another one: where its
// source begins, and the weights of the source's pixels. A tent as wide as the larger of the two pixels: linear
// interpolation when it enlarges, an average over the area when it shrinks.
struct Resampling {
  struct Run {
    int first;
    std::vector<float> weights;
  };
  std::vector<Run> runs;

  Resampling(int first, int count, int to) {
    const float scale = static_cast<float>(count) / static_cast<float>(to);
    const float reach = std::max(scale, 1.f);
    for (int i = 0; i < to; ++i) {
      const float middle = (static_cast<float>(i) + .5f) * scale - .5f;
      const int begin = std::max(static_cast<int>(std::ceil(middle - reach)), 0);
      const int end = std::min(static_cast<int>(std::floor(middle + reach)), count - 1);
      Run run{first + begin, {}};
      float sum = 0;
      for (int k = begin; k <= end; ++k) {
        run.weights.push_back(std::max(1 - std::abs(static_cast<float>(k) - middle) / reach, 0.f));
        sum += run.weights.back();
      }
      for (float& w : run.weights) w /= sum;
      runs.push_back(std::move(run));
    }
  }
};

// A part of a picture at another size.
inline GreyPicture resample(const GreyPicture& from, const PixelBox& box, int height, int width) {
  const Resampling across(box.left, box.width(), width), down(box.top, box.height(), height);
  GreyPicture rows(from.height, width);
  for (int y = box.top; y < box.bottom; ++y) {
    for (int x = 0; x < width; ++x) {
      const Resampling::Run& run = across.runs[static_cast<std::size_t>(x)];
      float sum = 0;
      for (std::size_t k = 0; k < run.weights.size(); ++k)
        sum += run.weights[k] * from.values[from.place(y, run.first) + k];
      rows.at(y, x) = sum;
    }
  }
  GreyPicture result(height, width);
  for (int y = 0; y < height; ++y) {
    const Resampling::Run& run = down.runs[static_cast<std::size_t>(y)];
    for (std::size_t k = 0; k < run.weights.size(); ++k)
      for (int x = 0; x < width; ++x) result.at(y, x) += run.weights[k] * rows.at(run.first + static_cast<int>(k), x);
  }
  return result;
}

// The value that `share` of the others lie below; 0.5 is the median. Empty lists have 0.
inline float quantile(std::vector<float> values, double share) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1) + .5);
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<std::size_t>(at)];
}

// The light on the paper: a surface of second degree, fitted so that ink, which lies far off it, hardly counts (weights
// of Geman and McClure, iterated). It begins with the level `paper`; `scale` is how far off still is paper at first.
inline GreyPicture paper_of(const GreyPicture& picture, float paper, float scale) {
  constexpr int terms = 6, rounds = 8;
  GreyPicture surface(picture.height, picture.width);
  std::fill(surface.values.begin(), surface.values.end(), paper);
  const auto basis = [&](int y, int x) {
    const double v = (2. * y + 1) / picture.height - 1, u = (2. * x + 1) / picture.width - 1;
    return std::array<double, terms>{1, u, v, u * u, u * v, v * v};
  };
  for (int round = 0; round < rounds; ++round) {
    // Normal equations; the small ridge keeps them soluble where the picture is one pixel wide.
    std::array<std::array<double, terms + 1>, terms> rows{};
    for (int y = 0; y < picture.height; ++y) {
      for (int x = 0; x < picture.width; ++x) {
        const double off = static_cast<double>(picture.at(y, x) - surface.at(y, x)) / static_cast<double>(scale);
        const double weight = 1 / ((1 + off * off) * (1 + off * off));
        const auto b = basis(y, x);
        for (std::size_t i = 0; i < terms; ++i) {
          for (std::size_t j = 0; j < terms; ++j) rows[i][j] += weight * b[i] * b[j];
          rows[i][terms] += weight * b[i] * static_cast<double>(picture.at(y, x));
        }
      }
    }
    for (std::size_t i = 0; i < terms; ++i) rows[i][i] += 1e-6 * (1 + rows[i][i]);
    for (std::size_t i = 0; i < terms; ++i) {  // symmetric and positive: no pivoting is needed
      for (std::size_t j = 0; j < terms; ++j) {
        if (j == i) continue;
        const double factor = rows[j][i] / rows[i][i];
        for (std::size_t k = i; k <= terms; ++k) rows[j][k] -= factor * rows[i][k];
      }
    }
    std::vector<float> off;
    for (int y = 0; y < picture.height; ++y) {
      for (int x = 0; x < picture.width; ++x) {
        const auto b = basis(y, x);
        double value = 0;
        for (std::size_t i = 0; i < terms; ++i) value += b[i] * rows[i][terms] / rows[i][i];
        surface.at(y, x) = static_cast<float>(value);
        off.push_back(std::abs(picture.at(y, x) - surface.at(y, x)));
      }
    }
    scale = std::max(3 * quantile(std::move(off), .5), 2.f);
  }
  return surface;
}

// The mean of each pixel and its eight neighbours.
inline GreyPicture smoothed(const GreyPicture& from) {
  GreyPicture result(from.height, from.width);
  for (int y = 0; y < from.height; ++y) {
    for (int x = 0; x < from.width; ++x) {
      float sum = 0;
      for (int dy = -1; dy <= 1; ++dy)
        for (int dx = -1; dx <= 1; ++dx)
          sum += from.at(std::clamp(y + dy, 0, from.height - 1), std::clamp(x + dx, 0, from.width - 1));
      result.at(y, x) = sum / 9;
    }
  }
  return result;
}

// Each pixel becomes the largest within a disc of this radius, in pixels.
inline GreyPicture thickened(const GreyPicture& from, float radius) {
  GreyPicture result = from;
  const int reach = static_cast<int>(radius);
  for (int dy = -reach; dy <= reach; ++dy) {
    const int half = static_cast<int>(std::sqrt(std::max(radius * radius - static_cast<float>(dy * dy), 0.f)));
    for (int y = std::max(0, -dy); y < std::min(from.height, from.height - dy); ++y) {
      for (int x = 0; x < from.width; ++x) {
        const float v = from.at(y, x);
        if (v <= 0) continue;
        float* const row = &result.at(y + dy, 0);
        for (int k = std::max(x - half, 0); k <= std::min(x + half, from.width - 1); ++k) row[k] = std::max(row[k], v);
      }
    }
  }
  return result;
}

}  // namespace strata::detail
