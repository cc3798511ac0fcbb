// Points in a space of hyper-parameters: all of a grid, or drawn at random.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/philox.hpp>
#include <strata/core/text.hpp>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata {

/// Named numbers: one choice of hyper-parameters.
class Point {
 public:
  Point() = default;
  Point(std::initializer_list<std::pair<std::string, double>> values) : values_(values) {}

  /// The value of a name. Throws Error where there is none, with the names there are.
  double operator[](std::string_view name) const {
    for (const auto& [known, value] : values_)
      if (known == name) return value;
    std::string all;
    for (const auto& [known, value] : values_) append(all, {all.empty() ? "" : ", ", known});
    throw Error(joined({"there is no hyper-parameter '", name, "'; there are: ", all.empty() ? "none" : all}));
  }

  /// The same with one more value.
  Point with(std::string name, double value) const {
    Point p = *this;
    p.values_.emplace_back(std::move(name), value);
    return p;
  }

  const std::vector<std::pair<std::string, double>>& values() const { return values_; }

 private:
  std::vector<std::pair<std::string, double>> values_;
};

/// "batch 32, epochs 6".
[[gnu::cold]] inline std::string to_string(const Point& point) {
  std::string text;
  for (const auto& [name, value] : point.values()) {
    char number[32];
    std::snprintf(number, sizeof number, "%.6g", value);
    append(text, {text.empty() ? "" : ", ", name, " ", number});
  }
  return text;
}

/// A hyper-parameter and the values that a grid tries.
struct Axis {
  std::string name;
  std::vector<double> values;
};

/// Every combination, the last axis varying fastest:
///
///     grid({{"batch", {32, 64}}, {"epochs", {6, 10}}})   // batch 32, epochs 6; batch 32, epochs 10; ...
[[gnu::cold]] inline std::vector<Point> grid(const std::vector<Axis>& axes) {
  std::vector<Point> points{Point()};
  for (const Axis& axis : axes) {
    if (axis.values.empty()) throw Error(joined({"grid: the axis '", axis.name, "' has no value"}));
    std::vector<Point> longer;
    for (const Point& point : points)
      for (const double value : axis.values) longer.push_back(point.with(axis.name, value));
    points = std::move(longer);
  }
  return points;
}

/// How values are spread over a range.
enum class Spread {
  linear,       ///< evenly
  logarithmic,  ///< evenly in the logarithm, for learning rates
  whole         ///< whole numbers, both ends among them
};

/// A hyper-parameter and the range that a random search draws from.
struct Range {
  std::string name;
  double from = 0, to = 1;
  Spread spread = Spread::linear;
};

/// `count` points, drawn independently; the same for the same seed (Bergstra and Bengio 2012).
[[gnu::cold]] inline std::vector<Point> random_points(const std::vector<Range>& ranges, int count, std::uint64_t seed) {
  for (const Range& r : ranges)
    if (!(r.from <= r.to) || (r.spread == Spread::logarithmic && !(r.from > 0)))
      throw Error(joined({"random_points: the range of '", r.name,
                          "' must go from a smaller to a larger number, above 0 where it is logarithmic"}));
  std::vector<Point> points;
  for (int i = 0; i < count; ++i) {
    Point point;
    for (std::size_t k = 0; k < ranges.size(); ++k) {
      const Range& r = ranges[k];
      const double u = static_cast<double>(
          philox::uniform(philox::word({philox::Key(seed), 0, philox::Stream::synthetic, 1},
                                       static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(k))));
      switch (r.spread) {
        case Spread::linear:
          point = point.with(r.name, r.from + u * (r.to - r.from));
          break;
        case Spread::logarithmic:
          point = point.with(r.name, r.from * std::pow(r.to / r.from, u));
          break;
        case Spread::whole:
          point = point.with(r.name, std::floor(r.from + u * (r.to - r.from + 1)));
          break;
      }
    }
    points.push_back(std::move(point));
  }
  return points;
}

}  // namespace strata
