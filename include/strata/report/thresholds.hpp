// ROC and precision-recall curves of every class, with the corner that matters enlarged.
#pragma once

#include <strata/metrics/precision_recall.hpp>
#include <strata/metrics/roc.hpp>
#include <strata/report/figure.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace strata {

namespace detail {

/// A class' curve in the unit square.
struct UnitCurve {
  std::string name;
  std::vector<double> x, y;
  double area = 0;  ///< below it: the larger, the better
};

/// The side of the corner to enlarge: three times as far as the curves stay away from it, out of a few round numbers.
[[gnu::cold]] inline double corner_side(const std::vector<UnitCurve>& curves, double corner_x, double corner_y) {
  double farthest = 0;
  for (const UnitCurve& c : curves) {
    double nearest = 1;
    for (std::size_t i = 0; i < c.x.size(); ++i)
      nearest = std::min(nearest, std::max(std::abs(c.x[i] - corner_x), std::abs(c.y[i] - corner_y)));
    farthest = std::max(farthest, nearest);
  }
  for (const double side : {0.01, 0.02, 0.05, 0.1, 0.2})
    if (side >= 3 * farthest) return side;
  return 0.4;
}

/// The curve without points that no eye tells from the one before: closer than 1/300 of the square, or of the corner
/// inside it. Before a longer step its beginning is kept, or it would become a slope.
[[gnu::cold]] inline UnitCurve thinned(const UnitCurve& c, double corner_x, double corner_y, double side) {
  UnitCurve kept{c.name, {}, {}, c.area};
  for (std::size_t i = 0; i < c.x.size(); ++i) {
    const bool inside = std::abs(c.x[i] - corner_x) <= 1.2 * side && std::abs(c.y[i] - corner_y) <= 1.2 * side;
    const double least = (inside ? side : 1.0) / 300;
    const auto is_far = [&](double x, double y) {
      return std::abs(c.x[i] - x) >= least || std::abs(c.y[i] - y) >= least;
    };
    if (i > 0 && i + 1 < c.x.size() && !is_far(kept.x.back(), kept.y.back())) continue;
    if (i > 0 && is_far(c.x[i - 1], c.y[i - 1])) {
      kept.x.push_back(c.x[i - 1]);
      kept.y.push_back(c.y[i - 1]);
    }
    kept.x.push_back(c.x[i]);
    kept.y.push_back(c.y[i]);
  }
  return kept;
}

/// Which curves a picture names, where one column of names does not hold them all: those with the least and with the
/// most area, the least first.
struct NamedCurves {
  static constexpr std::size_t most = 27, worst = 12, best = 8;  ///< twenty styles of lines differ
  std::vector<std::size_t> order;                                ///< of all curves
  bool all;

  [[gnu::cold]] explicit NamedCurves(const std::vector<UnitCurve>& curves)
      : order(curves.size()), all(curves.size() <= most) {
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (!all)
      std::stable_sort(order.begin(), order.end(),
                       [&](std::size_t a, std::size_t b) { return curves[a].area < curves[b].area; });
  }
  bool has(std::size_t place) const { return all || place < worst || place + best >= order.size(); }
  std::size_t unnamed() const { return all ? 0 : order.size() - worst - best; }
};

/// Draws the curves on the unit square and, in an inset, the corner at (corner_x, 1). Those that have no room for their
/// names are grey, behind the others.
[[gnu::cold]] inline std::string unit_square_script(const std::vector<UnitCurve>& curves, const char* x_label,
                                                    const char* y_label, double corner_x, const char* extra) {
  const double side = corner_side(curves, corner_x, 1);
  std::string data, behind, titled, untitled;
  int longest = 0;
  const NamedCurves named(curves);
  std::size_t style = 0;
  constexpr const char *grey = "linewidth 1 linecolor rgb '#bbbbbb' dashtype 1", *next = ", \\\n  ";
  for (std::size_t place = 0; place < curves.size(); ++place) {
    const UnitCurve curve = thinned(curves[named.order[place]], corner_x, 1, side);
    const std::string name = joined({"curve", place});
    DataBlock block(name);
    for (std::size_t i = 0; i < curve.x.size(); ++i) block.row({curve.x[i], curve.y[i]});
    data += block.take();
    if (!named.has(place)) {
      append(behind, {"$", name, " with lines ", grey, " notitle", next});
      continue;
    }
    if (named.unnamed() > 0 && place + NamedCurves::best == curves.size()) {
      const std::string more = joined({named.unnamed(), " more"});
      append(titled, {next, "NaN with lines ", grey, " title ", gnuplot_quoted(more)});
    }
    longest = std::max(longest, character_count(curve.name));
    const std::string line = joined({style == 0 ? "$" : ", \\\n  $", name, " with lines ", line_style(style)});
    ++style;
    append(titled, {line, " title ", gnuplot_quoted(curve.name)});
    append(untitled, {line, " notitle"});
  }
  if (titled.empty()) return {};
  titled = joined({"plot ", behind, titled});
  untitled = joined({"plot ", behind, untitled});
  // In pixels: the square with its axes is 600 x 600, right of it the curves' names in a column. The inset lies in the
  // square's empty half, away from the corner, on white paper that takes its tick labels too.
  const bool at_left = corner_x > 0.5;
  constexpr int height = 600, bottom = 140;
  const int width = 620 + 50 + 8 * longest, left = at_left ? 146 : 284, right = left + 276;
  const int top = bottom + 276;
  const Layout square{width, height, 78, width - 594, 78, 30};
  const Layout inset{width, height, left, width - right, bottom, height - top};
  std::string script = script_head(width, height) + data;
  append(script, {"set multiplot\n",
                  square.area(),
                  "set xlabel '",
                  x_label,
                  "'\nset ylabel '",
                  y_label,
                  "'\nset xrange [0:1]\nset yrange [0:1.005]\nset key at screen ",
                  square.across(612),
                  ",0.95 left top vertical Left reverse samplen 2 maxrows ",
                  NamedCurves::most,
                  "\n",
                  titled,
                  extra,
                  "\nset object 1 rectangle from screen ",
                  inset.across(left - 58),
                  ",",
                  inset.up(bottom - 38),
                  " to screen ",
                  inset.across(right + 18),
                  ",",
                  inset.up(top + 38),
                  " behind fillcolor rgb '#ffffff' fillstyle solid 1 noborder\n",
                  inset.area(),
                  "unset key\nunset xlabel\nunset ylabel\nset border 15\n"
                  "set title 'the corner, enlarged' font ',12' offset 0,-0.6\nset tics font ',11'\n"});
  const double tick = side / 2;
  append(script, {"set xrange [", shown_number(at_left ? 1 - side : 0), ":", shown_number(at_left ? 1 : side),
                  "]\nset yrange [", shown_number(1 - side), ":", shown_number(1 + side / 100), "]\nset xtics ",
                  shown_number(tick), "\nset ytics ", shown_number(tick), "\n", untitled, "\nunset multiplot\n"});
  return script;
}

/// A sentence about curves that are not named, where there are such.
[[gnu::cold]] inline std::string unnamed_sentence(std::size_t curves) {
  if (curves <= NamedCurves::most) return {};
  return joined({" Of ", curves, " classes the ", NamedCurves::worst, " with the least area and the ",
                 NamedCurves::best, " with the most are named; the others are grey."});
}

}  // namespace detail

/// The ROC curve of each class against the rest. `names` are what classes are called, else their numbers. Of more than
/// 27 classes the worst and the best are named.
[[gnu::cold]] inline Figure roc_curves(const ScoresView& scores, std::span<const std::string> names = {}) {
  std::vector<detail::UnitCurve> curves;
  for (int c = 0; c < scores.classes(); ++c) {
    const Ranking of = ranking(scores, c);
    if (of.positives() == 0 || of.negatives() == 0) continue;
    RocCurve curve = roc_curve(of);
    const double area = roc_auc(of);
    curves.push_back({joined({detail::class_name(names, c), "  (AUC ", detail::fixed_number(area, 5), ")"}),
                      std::move(curve.fpr), std::move(curve.tpr), area});
  }
  return {"roc", "ROC curves",
          "Each class against the rest, at every threshold. Dashed grey: guessing. AUC: the area below." +
              detail::unnamed_sentence(curves.size()),
          detail::unit_square_script(curves, "false positive rate", "true positive rate", 0,
                                     ", \\\n  x with lines linecolor rgb '#888888' dashtype '-' notitle")};
}

/// The precision-recall curve of each class against the rest. Of more than 27 classes the worst and the best are named.
[[gnu::cold]] inline Figure precision_recall_curves(const ScoresView& scores, std::span<const std::string> names = {}) {
  std::vector<detail::UnitCurve> curves;
  for (int c = 0; c < scores.classes(); ++c) {
    const Ranking of = ranking(scores, c);
    if (of.positives() == 0) continue;
    PrecisionRecallCurve curve = precision_recall_curve(of);
    const double area = average_precision(of);
    curves.push_back({joined({detail::class_name(names, c), "  (AP ", detail::fixed_number(area, 5), ")"}),
                      std::move(curve.recall), std::move(curve.precision), area});
  }
  return {"precision-recall", "Precision-recall curves",
          "Each class against the rest, at every threshold. AP: average precision." +
              detail::unnamed_sentence(curves.size()),
          detail::unit_square_script(curves, "recall", "precision", 1, "")};
}

}  // namespace strata
