// Line charts: how training went, and the loss against the learning rate.
#pragma once

#include <strata/report/figure.hpp>
#include <strata/train/history.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace strata {

/// What a line chart says around its lines.
struct LineChart {
  std::string name, heading, caption;                        ///< as in Figure
  std::string x, y;                                          ///< what the axes are
  bool log_x = false, log_y = false;                         ///< logarithmic
  bool whole_x = false;                                      ///< epochs: ticks at whole numbers, a dot at each point
  double y_below = std::numeric_limits<double>::infinity();  ///< what lies above leaves the picture
};

/// A chart of the lines that have a finite point. Its script is empty where none has.
[[gnu::cold]] inline Figure line_chart(const LineChart& chart, const std::vector<Series>& lines) {
  std::string data, plots;
  int longest = 0, drawn = 0;
  double least = std::numeric_limits<double>::infinity(), most = -least, lowest = least, highest = most;
  const auto is_drawn = [&](double x, double y) {
    return std::isfinite(x) && std::isfinite(y) && (!chart.log_x || x > 0) && (!chart.log_y || y > 0);
  };
  for (std::size_t k = 0; k < lines.size(); ++k) {
    const Series& line = lines[k];
    const std::string name = joined({"line", k});
    detail::DataBlock block(name), mark(name + "mark");
    std::size_t points = 0, marks = 0;
    for (std::size_t i = 0; i < std::min(line.x.size(), line.y.size()); ++i) {
      if (!is_drawn(line.x[i], line.y[i])) continue;
      block.row({line.x[i], line.y[i]});
      if (line.x[i] == line.marked) mark.row({line.x[i], line.y[i]}), ++marks;
      least = std::min(least, line.x[i]);
      most = std::max(most, line.x[i]);
      lowest = std::min(lowest, line.y[i]);
      highest = std::max(highest, line.y[i]);
      ++points;
    }
    if (points == 0) continue;
    const std::string title = detail::shortened(line.name, 45);
    longest = std::max(longest, detail::character_count(title));
    ++drawn;
    data += block.take();
    const bool has_dots = points == 1 || (chart.whole_x && points <= 60);
    append(plots, {plots.empty() ? "plot $" : ", \\\n  $", name, " with ",
                   has_dots ? "linespoints pointtype 7 pointsize 0.5 " : "lines ", detail::line_style(k), " title ",
                   detail::gnuplot_quoted(title)});
    if (marks == 0) continue;
    data += mark.take();
    append(plots, {", \\\n  $", name, "mark with points pointtype 7 pointsize 1.1 linecolor rgb '",
                   detail::line_colors[k % detail::line_colors.size()], "' notitle"});
  }
  Figure figure{chart.name, chart.heading, chart.caption, ""};
  if (plots.empty()) return figure;

  std::string& script = figure.script;
  const int key = lines.size() > 1 ? 60 + 8 * longest : 0;  // pixels beside the lines, a row of 20 for each
  script = detail::script_head(std::max(720, 560 + key), std::max(440, 80 + 20 * drawn));
  append(script, {"set xlabel ", detail::gnuplot_quoted(chart.x), "\nset ylabel ", detail::gnuplot_quoted(chart.y),
                  "\nset key outside right top vertical Left reverse samplen 2\n"});
  if (lines.size() == 1) script += "unset key\n";
  if (chart.log_x) script += "set logscale x\nset format x '1e%L'\n";
  if (chart.log_y) script += "set logscale y\nset format y '1e%L'\n";
  if (highest == lowest) {  // a rate that stays as it is
    const double room = highest == 0 ? 1 : 0.5 * std::abs(highest);
    append(script,
           {"set yrange [", detail::shown_number(lowest - room), ":", detail::shown_number(highest + room), "]\n"});
  } else if (highest > chart.y_below)
    append(script, {"set yrange [*:", detail::shown_number(chart.y_below), "]\n"});
  if (chart.whole_x) {
    const double room = std::max(0.5, 0.02 * (most - least));  // so that no dot lies on the frame
    append(script, {"set xtics ", detail::tick_step(most - least, 12), "\nset xrange [",
                    detail::shown_number(least - room), ":", detail::shown_number(most + room), "]\n"});
  }
  append(script, {data, plots, "\n"});
  return figure;
}

namespace detail {

/// One value of every epoch as a line; the best epoch is marked.
template <class Value>
[[gnu::cold]] Series by_epoch(std::string name, const History& history, Value&& value) {
  Series line{std::move(name), {}, {}};
  for (const EpochRecord& e : history.epochs) {
    if (e.best) line.marked = static_cast<double>(e.epoch);
    const std::optional<double> y = value(e);
    line.x.push_back(static_cast<double>(e.epoch));
    line.y.push_back(y ? *y : std::numeric_limits<double>::quiet_NaN());
  }
  return line;
}

}  // namespace detail

/// Accuracy of training and validation by epoch.
[[gnu::cold]] inline Figure accuracy_curves(const History& history) {
  return line_chart(
      {.name = "accuracy",
       .heading = "Accuracy by epoch",
       .caption = "Of training: the mean over an epoch while it was trained. Of validation: at the epoch's end. The "
                  "large dots are the "
                  "best epoch.",
       .x = "epoch",
       .y = "accuracy (share of right answers)",
       .whole_x = true},
      {detail::by_epoch("training", history, [](const EpochRecord& e) { return std::optional(e.accuracy); }),
       detail::by_epoch("validation", history, [](const EpochRecord& e) { return e.validation_accuracy; })});
}

/// Loss of training and validation by epoch.
[[gnu::cold]] inline Figure loss_curves(const History& history) {
  return line_chart({.name = "loss",
                     .heading = "Loss by epoch",
                     .caption = "The large dots are the best epoch.",
                     .x = "epoch",
                     .y = "loss",
                     .whole_x = true},
                    {detail::by_epoch("training", history, [](const EpochRecord& e) { return std::optional(e.loss); }),
                     detail::by_epoch("validation", history, [](const EpochRecord& e) { return e.validation_loss; })});
}

/// Loss of training and validation against the samples trained on.
[[gnu::cold]] inline Figure loss_by_samples(const History& history) {
  Series training = detail::by_epoch("training", history, [](const EpochRecord& e) { return std::optional(e.loss); });
  Series validation = detail::by_epoch("validation", history, [](const EpochRecord& e) { return e.validation_loss; });
  double seen = 0;
  for (std::size_t e = 0; e < history.epochs.size(); ++e) {
    const auto samples = static_cast<double>(history.epochs[e].samples);
    training.x[e] = seen + samples / 2;  // a mean over the epoch belongs to its middle
    validation.x[e] = seen += samples;
  }
  training.marked = validation.marked = std::numeric_limits<double>::quiet_NaN();
  return line_chart(
      {.name = "loss-by-samples",
       .heading = "Loss by samples seen",
       .caption = "Of training: the mean over an epoch, in its middle. Of validation: at the epoch's end.",
       .x = "samples trained on",
       .y = "loss"},
      {std::move(training), std::move(validation)});
}

/// The learning rate of each epoch's last step, logarithmic where a quarter of them are less than a twentieth
/// of the largest.
[[gnu::cold]] inline Figure learning_rate_curve(const History& history) {
  Series line =
      detail::by_epoch("learning rate", history, [](const EpochRecord& e) { return std::optional(e.learning_rate); });
  line.marked = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> sorted = line.y;
  std::sort(sorted.begin(), sorted.end());
  const bool is_log = !sorted.empty() && sorted.front() > 0 && sorted.back() > 20 * sorted[sorted.size() / 4];
  return line_chart({.name = "learning-rate",
                     .heading = "Learning rate by epoch",
                     .caption = "At each epoch's last step.",
                     .x = "epoch",
                     .y = "learning rate",
                     .log_y = is_log,
                     .whole_x = true},
                    {std::move(line)});
}

/// Loss against learning rate, a line for each optimizer: the range test. A series' marked rate gets a dot. Lines leave
/// the picture at half as much again as the largest first loss: how steeply they diverge says nothing.
[[gnu::cold]] inline Figure loss_by_learning_rate(const std::vector<Series>& tests) {
  double first = 0;
  for (const Series& s : tests)
    if (!s.y.empty() && std::isfinite(s.y.front())) first = std::max(first, s.y.front());
  return line_chart(
      {.name = "range-test",
       .heading = "Loss against learning rate",
       .caption = "Smoothed losses while the rate grows from step to step. A dot marks the rate suggested, "
                  "where the loss falls steepest.",
       .x = "learning rate",
       .y = "loss (smoothed)",
       .log_x = true,
       .y_below = first > 0 ? 1.5 * first : std::numeric_limits<double>::infinity()},
      tests);
}

}  // namespace strata
