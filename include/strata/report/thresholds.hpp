// ROC and precision-recall curves of every class, with the corner that matters enlarged.
#pragma once

#include <strata/metrics/precision_recall.hpp>
#include <strata/metrics/roc.hpp>
#include <strata/report/figure.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
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
  UnitCurve kept{c.name, {}, {}};
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

/// Draws the curves on the unit square and, in an inset, the corner at (corner_x, 1).
[[gnu::cold]] inline std::string unit_square_script(const std::vector<UnitCurve>& curves, const char* x_label,
                                                    const char* y_label, double corner_x, const char* extra) {
  const double side = corner_side(curves, corner_x, 1);
  std::string data, titled, untitled;
  int longest = 0;
  for (std::size_t k = 0; k < curves.size(); ++k) {
    const UnitCurve curve = thinned(curves[k], corner_x, 1, side);
    const std::string name = joined({"curve", k});
    DataBlock block(name);
    for (std::size_t i = 0; i < curve.x.size(); ++i) block.row({curve.x[i], curve.y[i]});
    data += block.take();
    longest = std::max(longest, character_count(curve.name));
    const std::string line = joined({k == 0 ? "plot $" : ", \\\n  $", name, " with lines ", line_style(k)});
    append(titled, {line, " title ", gnuplot_quoted(curve.name)});
    append(untitled, {line, " notitle"});
  }
  if (titled.empty()) return {};
  // In pixels: the square with its axes is 600 x 600, right of it the curves' names in columns. The inset lies in the
  // square's empty half, away from the corner, on white paper that takes its tick labels too.
  const bool at_left = corner_x > 0.5;
  constexpr int rows = 27, height = 600, bottom = 140;
  const int columns = (static_cast<int>(curves.size()) + rows - 1) / rows;
  const int width = 620 + columns * (50 + 8 * longest), left = at_left ? 146 : 284, right = left + 276;
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
                  rows,
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

}  // namespace detail

/// The ROC curve of each class against the rest. `names` are what classes are called, else their numbers.
[[gnu::cold]] inline Figure roc_curves(const ScoresView& scores, std::span<const std::string> names = {}) {
  std::vector<detail::UnitCurve> curves;
  for (int c = 0; c < scores.classes(); ++c) {
    const Ranking of = ranking(scores, c);
    if (of.positives() == 0 || of.negatives() == 0) continue;
    RocCurve curve = roc_curve(of);
    curves.push_back({joined({detail::class_name(names, c), "  (AUC ", detail::fixed_number(roc_auc(of), 5), ")"}),
                      std::move(curve.fpr), std::move(curve.tpr)});
  }
  return {"roc", "ROC curves",
          "Each class against the rest, at every threshold. Dashed grey: guessing. AUC: the area below.",
          detail::unit_square_script(curves, "false positive rate", "true positive rate", 0,
                                     ", \\\n  x with lines linecolor rgb '#888888' dashtype '-' notitle")};
}

/// The precision-recall curve of each class against the rest.
[[gnu::cold]] inline Figure precision_recall_curves(const ScoresView& scores, std::span<const std::string> names = {}) {
  std::vector<detail::UnitCurve> curves;
  for (int c = 0; c < scores.classes(); ++c) {
    const Ranking of = ranking(scores, c);
    if (of.positives() == 0) continue;
    PrecisionRecallCurve curve = precision_recall_curve(of);
    curves.push_back(
        {joined({detail::class_name(names, c), "  (AP ", detail::fixed_number(average_precision(of), 5), ")"}),
         std::move(curve.recall), std::move(curve.precision)});
  }
  return {"precision-recall", "Precision-recall curves",
          "Each class against the rest, at every threshold. AP: average precision.",
          detail::unit_square_script(curves, "recall", "precision", 1, "")};
}

}  // namespace strata
