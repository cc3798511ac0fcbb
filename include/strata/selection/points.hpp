// Points in a space of hyper-parameters: all of a grid, or drawn at random.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/philox.hpp>
#include <strata/core/text.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
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

namespace detail {

/// Throws where a name is there already: a point has one value of a name.
template <class Named>
[[gnu::cold]] void check_names(const char* what, const std::vector<Named>& all) {
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      if (all[k].name == all[i].name) throw Error(joined({what, ": '", all[i].name, "' is there twice"}));
}

}  // namespace detail

/// Every combination, the last axis varying fastest:
///
///     grid({{"batch", {32, 64}}, {"epochs", {6, 10}}})   // batch 32, epochs 6; batch 32, epochs 10; ...
///
/// Throws Error where an axis or one of its values is there twice (values that agree in six digits have one name), or
/// an axis has none.
[[gnu::cold]] inline std::vector<Point> grid(const std::vector<Axis>& axes) {
  detail::check_names("grid", axes);
  std::vector<Point> points{Point()};
  for (const Axis& axis : axes) {
    if (axis.values.empty()) throw Error(joined({"grid: the axis '", axis.name, "' has no value"}));
    std::vector<std::string> values;
    for (const double value : axis.values) {
      values.push_back(to_string(Point{{axis.name, value}}));
      for (std::size_t k = 0; k + 1 < values.size(); ++k)
        if (values[k] == values.back())
          throw Error(joined({"grid: '", values.back(), "' is there twice (names of values have six digits)"}));
    }
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

namespace detail {

/// The value of a range at u, from 0 up to 1.
[[gnu::cold]] inline double value_at(const Range& r, double u) {
  double value = r.from + u * (r.to - r.from);
  if (r.spread == Spread::logarithmic) value = r.from * std::pow(r.to / r.from, u);
  if (r.spread == Spread::whole) value = std::floor(r.from + u * (r.to - r.from + 1));
  return value < r.from ? r.from : value > r.to ? r.to : value;  // rounding may leave the range
}

}  // namespace detail

/// `count` points, drawn independently, but none twice; the same for the same seed (Bergstra and Bengio 2012).
///
/// Throws Error where a range is no range or there twice, and where the ranges do not have so many points (those that
/// agree in six digits have one name, and are one).
[[gnu::cold]] inline std::vector<Point> random_points(const std::vector<Range>& ranges, int count, std::uint64_t seed) {
  constexpr double most = 1e15;  // whole numbers up to it are exact
  detail::check_names("random_points", ranges);
  for (const Range& r : ranges) {
    if (!(r.from <= r.to) || (r.spread == Spread::logarithmic && !(r.from > 0)) || !std::isfinite(r.to - r.from))
      throw Error(joined({"random_points: the range of '", r.name,
                          "' must go from a smaller to a larger number, above 0 where it is logarithmic"}));
    if (r.spread == Spread::whole &&
        (r.from != std::floor(r.from) || r.to != std::floor(r.to) || r.from < -most || r.to > most))
      throw Error(joined({"random_points: the range of '", r.name, "' must begin and end with a whole number"}));
  }
  std::vector<Point> points;
  std::vector<std::string> names;
  const std::int64_t draws = 1000 + 100 * std::int64_t{count};
  for (std::int64_t i = 0; i < draws && static_cast<int>(points.size()) < count; ++i) {
    Point point;
    for (std::size_t k = 0; k < ranges.size(); ++k) {
      const auto u = static_cast<double>(
          philox::uniform(philox::word({philox::Key(seed), 0, philox::Stream::synthetic, 1},
                                       static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(k))));
      point = point.with(ranges[k].name, detail::value_at(ranges[k], u));
    }
    std::string name = to_string(point);
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    names.push_back(std::move(name));
    points.push_back(std::move(point));
  }
  if (static_cast<int>(points.size()) < count)
    throw Error(joined({"random_points: ", count, " different points were asked for, and ", draws, " draws gave ",
                        points.size(), "; ask for fewer, or widen the ranges"}));
  return points;
}

}  // namespace strata
