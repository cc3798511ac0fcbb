// Handwritten digits that are drawn, not collected: in MNIST's form, and needing no file.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/permutation.hpp>
#include <strata/core/philox.hpp>
#include <strata/core/shape.hpp>
#include <strata/core/text.hpp>
#include <strata/data/dataset.hpp>
#include <strata/data/digit_strokes.hpp>

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

namespace detail {

struct PlanePoint {
  float x;
  float y;
  friend constexpr PlanePoint operator+(PlanePoint a, PlanePoint b) { return {a.x + b.x, a.y + b.y}; }
  friend constexpr PlanePoint operator-(PlanePoint a, PlanePoint b) { return {a.x - b.x, a.y - b.y}; }
  friend constexpr PlanePoint operator*(float s, PlanePoint a) { return {s * a.x, s * a.y}; }
};

// The random numbers of one image, in the order in which they are asked for.
class DigitRandom {
 public:
  DigitRandom(std::uint64_t seed, std::uint64_t sample)
      : draw_{philox::Key(seed), static_cast<std::uint32_t>(sample >> 32), philox::Stream::synthetic, 0},
        sample_(static_cast<std::uint32_t>(sample)) {}

  // Between 0 and 1, in steps of 2^-24.
  [[gnu::noinline]] float uniform() { return philox::uniform(philox::word(draw_, sample_, element_++)); }

  float uniform(float low, float high) { return low + (high - low) * uniform(); }

  // Mean 0, standard deviation 1, bell-shaped, and never beyond 3.47: the sum of four uniform numbers. An outlier would
  // tear a stroke apart.
  float bell() {
    float sum = -2;
    for (int k = 0; k < 4; ++k) sum += uniform();
    return 1.7320508f * sum;
  }

 private:
  philox::Draw draw_;
  std::uint32_t sample_;
  std::uint32_t element_ = 0;
};

// A piece of a stroke: a line whose half width goes from r0 to r1.
struct InkLine {
  PlanePoint from, to;
  float r0, r1;
};

// The strokes of one image as short lines.
class Ink {
 public:
  // Adds a curve through `points` whose half width goes from r0 to r1: cubic Hermite pieces with Catmull-Rom tangents,
  // broken at corners and at the ends.
  void add_stroke(std::span<const PlanePoint> points, std::span<const StrokePoint> pens, float r0, float r1) {
    const std::size_t last = points.size() - 1;
    const auto ends = [&](std::size_t i) { return i == 0 || i == last || pens[i].pen == Pen::corner; };
    const auto tangent = [&](std::size_t i) { return .5f * (points[i + 1] - points[i - 1]); };
    const float thicker = (r1 - r0) / static_cast<float>(last * pieces);
    float radius = r0;
    for (std::size_t i = 0; i < last; ++i) {
      const PlanePoint a = points[i], b = points[i + 1], chord = b - a;
      // At an end the curvature is 0: the tangent follows from the other one.
      const PlanePoint t0 = !ends(i) ? tangent(i) : ends(i + 1) ? chord : 1.5f * chord - .5f * tangent(i + 1);
      const PlanePoint t1 = !ends(i + 1) ? tangent(i + 1) : ends(i) ? chord : 1.5f * chord - .5f * tangent(i);
      PlanePoint before = a;
      for (std::size_t k = 1; k <= pieces; ++k) {
        const float t = static_cast<float>(k) / pieces, u = 1 - t;
        const PlanePoint p =
            (u * u * (1 + 2 * t)) * a + (t * u * u) * t0 + (t * t * (3 - 2 * t)) * b - (t * t * u) * t1;
        lines_[count_++] = {before, p, radius, radius + thicker};
        before = p;
        radius += thicker;
      }
    }
  }

  std::span<const InkLine> lines() const { return {lines_.data(), count_}; }

 private:
  static constexpr std::size_t pieces = 6;  // of a curve between two points: about one pixel each
  std::array<InkLine, most_stroke_points * pieces> lines_;
  std::size_t count_ = 0;
};

inline constexpr int digit_side = 28;  // pixels of the frame, each way
inline constexpr int digit_values = digit_side * digit_side;

// Signed distances, in pixels, from each pixel's centre to the edge of the ink, negative inside.
using InkDistance = std::array<float, digit_values>;

inline void draw_line(InkDistance& distance, const InkLine& line) {
  const float reach = std::max(line.r0, line.r1) + 1;  // pixels further away stay black
  const auto first = [](float v) { return std::clamp(static_cast<int>(v), 0, digit_side - 1); };
  const int left = first(std::min(line.from.x, line.to.x) - reach),
            right = first(std::max(line.from.x, line.to.x) + reach);
  const int top = first(std::min(line.from.y, line.to.y) - reach),
            bottom = first(std::max(line.from.y, line.to.y) + reach);
  const PlanePoint along = line.to - line.from;
  const float length2 = along.x * along.x + along.y * along.y;
  const float scale = length2 > 0 ? 1 / length2 : 0;
  for (int y = top; y <= bottom; ++y) {
    for (int x = left; x <= right; ++x) {
      const PlanePoint p = PlanePoint{static_cast<float>(x) + .5f, static_cast<float>(y) + .5f} - line.from;
      const float t = std::clamp((p.x * along.x + p.y * along.y) * scale, 0.f, 1.f);
      const PlanePoint off = p - t * along;
      const float d = std::sqrt(off.x * off.x + off.y * off.y) - (line.r0 + t * (line.r1 - line.r0));
      float& at = distance[static_cast<std::size_t>(y * digit_side + x)];
      at = std::min(at, d);
    }
  }
}

using HandPoints = std::array<PlanePoint, most_stroke_points>;

// The points as one hand puts them: it slants, turns and stretches, makes one half larger or wider than the other,
// bends its lines, and trembles. Around (0, 0), about 1 high.
inline HandPoints write_by_hand(std::span<const StrokePoint> pens, DigitRandom& random) {
  const float slant = .2f + .25f * random.bell();  // most lean to the right
  const float turn = .14f * random.bell();         // radians
  const float width = std::exp(.22f * random.bell());
  const float top_heavy = .28f * random.bell(), top_wide = .35f * random.bell();
  const float bend_x = .3f * random.bell(), bend_y = .4f * random.bell();
  const float tremble = random.uniform(.012f, .045f);
  const float c = std::cos(turn), s = std::sin(turn);
  HandPoints points{};
  for (std::size_t i = 0; i < pens.size(); ++i) {
    const float x = pens[i].x - .3f + tremble * random.bell(), y = pens[i].y - .5f + tremble * random.bell();
    const float u = width * (x * (1 + top_wide * y) + bend_x * y * y) - slant * y;
    const float v = y + top_heavy * (y * y - .25f) + bend_y * x * x;
    points[i] = {c * u - s * v, s * u + c * v};
  }
  return points;
}

// As MNIST was made: moves and scales the ink to a box of about 20 x 20 pixels, its mass in the middle of the frame.
inline void draw_centred(const Ink& ink, float radius, DigitRandom& random, InkDistance& distance) {
  PlanePoint low = ink.lines().front().from, high = low, mass{0, 0};
  float weight = 1e-6f;
  for (const InkLine& line : ink.lines()) {
    low = {std::min(low.x, line.to.x), std::min(low.y, line.to.y)};
    high = {std::max(high.x, line.to.x), std::max(high.y, line.to.y)};
    const PlanePoint along = line.to - line.from;
    const float w = std::sqrt(along.x * along.x + along.y * along.y) * (line.r0 + line.r1);
    mass = mass + (.5f * w) * (line.from + line.to);
    weight += w;
  }
  const float box = 20 * random.uniform(.85f, 1.f) - 2 * radius;  // pixels that the middles of the lines take
  const float scale = box / std::max({high.x - low.x, high.y - low.y, .1f});
  const PlanePoint from = (1 / weight) * mass;
  const float middle = digit_side / 2.f;
  const PlanePoint to{middle + .5f * random.bell(), middle + .5f * random.bell()};
  for (InkLine line : ink.lines()) {
    line.from = scale * (line.from - from) + to;
    line.to = scale * (line.to - from) + to;
    draw_line(distance, line);
  }
}

// Draws sample `sample` of the stream `seed`, a `digit`, into 28 x 28 bytes.
inline void draw_digit(std::uint64_t seed, std::uint64_t sample, int digit, std::span<std::uint8_t> image) {
  DigitRandom random(seed, sample);
  const auto& ways = digit_strokes[static_cast<std::size_t>(digit)];
  const auto way = static_cast<std::size_t>(random.uniform() * static_cast<float>(ways.size()));
  const std::span<const StrokePoint> pens = ways[way];
  const HandPoints points = write_by_hand(pens, random);

  Ink ink;
  const float radius = random.uniform(.75f, 1.75f);  // pixels: half the width of the pen
  for (std::size_t begin = 0; begin < pens.size();) {
    std::size_t end = begin + 1;
    while (end < pens.size() && pens[end].pen != Pen::down) ++end;
    const float r0 = radius * (1 + .13f * random.bell()), r1 = radius * (1 + .13f * random.bell());
    ink.add_stroke(std::span(points).subspan(begin, end - begin), pens.subspan(begin, end - begin), r0, r1);
    begin = end;
  }

  InkDistance distance;
  distance.fill(digit_side);
  draw_centred(ink, radius, random, distance);
  const float edge = random.uniform(.9f, 1.5f);  // pixels from white to black
  for (std::size_t i = 0; i < image.size(); ++i) {
    image[i] = static_cast<std::uint8_t>(255 * std::clamp(.5f - distance[i] / edge, 0.f, 1.f) + .5f);
  }
}

}  // namespace detail

/// `count` images of handwritten digits in MNIST's form, 28 x 28 x 1 bytes, white on black, with labels 0 to 9.
///
/// Strokes of two or three ways to write each digit are bent, slanted, turned and drawn with pens of different widths,
/// fitted into 20 x 20 pixels and centred by mass. They take the place of MNIST where no file is at hand: a program
/// runs, a network learns. They say nothing about accuracy on MNIST.
///
/// Image `first + i` depends on `seed` and on its number alone, so a set can be made in parts, and parts of one seed
/// that do not overlap make a training and a test set. Each ten from a multiple of ten on hold every digit once, in
/// random order. A build gives the same bytes each time; another compiler may round a pixel differently.
///
///     const Dataset train = synthetic_digits(60'000, 1), test = synthetic_digits(10'000, 1, 60'000);
inline Dataset synthetic_digits(std::int64_t count, std::uint64_t seed, std::int64_t first = 0) {
  constexpr std::int64_t most = 1 << 30;
  if (count < 0 || count > most) {
    throw Error(joined({"synthetic_digits: ", count, " images; between 0 and 2^30 can be made at once"}));
  }
  if (first < 0) throw Error(joined({"synthetic_digits: first is ", first, "; images count from 0"}));
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(count) * detail::digit_values);
  std::vector<std::int32_t> labels(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::uint64_t sample = static_cast<std::uint64_t>(first) + i;
    const auto digit = static_cast<int>(Permutation(10, seed, sample / 10)(sample % 10));
    labels[i] = digit;
    detail::draw_digit(seed, sample, digit, std::span(pixels).subspan(i * detail::digit_values, detail::digit_values));
  }
  return Dataset::own(Shape::image(detail::digit_side, detail::digit_side, 1), 10, std::move(pixels),
                      std::move(labels));
}

}  // namespace strata
