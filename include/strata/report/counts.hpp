// Counts: bars of how often each label occurs, and the confusion matrix as a heat map.
#pragma once

#include <strata/metrics/confusion_matrix.hpp>
#include <strata/report/figure.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace strata {

/// How often each label occurs in a data set: label_counts(data).
struct LabelCounts {
  std::string of;  ///< "training", "test"
  std::vector<std::int64_t> counts;
};

namespace detail {

/// Whether names below one another's bars or cells of so many pixels have to stand upright.
[[gnu::cold]] inline bool stands_upright(std::span<const std::string> names, int classes, int pixels) {
  return class_name_pixels(names, classes) > pixels;
}

/// Ticks at 0, 1, ... with the classes' names, as many as have room where a class has so many pixels.
[[gnu::cold]] inline std::string class_tics(char axis, int classes, int pixels, std::span<const std::string> names,
                                            bool is_upright = false) {
  std::string list;
  for (int c = 0; c < classes; c += 15 / std::max(pixels, 1) + 1) {
    std::string name = class_name(names, c);
    for (std::size_t at = 0; (at = name.find('%', at)) != std::string::npos; at += 2)
      name.insert(at, 1, '%');  // a format
    append(list, {list.empty() ? "" : ", ", gnuplot_quoted(name), " ", c});
  }
  return joined(
      {"set ", std::string(1, axis), "tics ", is_upright ? "rotate by 90 right " : "", "(", list, ") scale 0\n"});
}

}  // namespace detail

/// A bar for each label, and beside it those of other data sets.
[[gnu::cold]] inline Figure label_bars(const std::vector<LabelCounts>& sets, std::span<const std::string> names = {}) {
  std::size_t classes = 0;
  std::int64_t most = 0;
  for (const LabelCounts& s : sets) {
    classes = std::max(classes, s.counts.size());
    for (const std::int64_t n : s.counts) most = std::max(most, n);
  }
  Figure figure{"label-counts", "Label counts", "", ""};
  if (classes == 0 || most == 0) return figure;

  const double width = 0.84 / static_cast<double>(sets.size());
  const bool has_numbers = sets.size() <= 2 && classes <= 20;
  std::string data, plots;
  for (std::size_t k = 0; k < sets.size(); ++k) {
    if (sets[k].counts.empty()) continue;
    const std::string name = joined({"set", k});
    detail::DataBlock block(name);
    for (std::size_t c = 0; c < sets[k].counts.size(); ++c) {
      const double shift = (static_cast<double>(k) - (static_cast<double>(sets.size()) - 1) / 2) * width;
      block.row({static_cast<double>(c) + shift, static_cast<double>(sets[k].counts[c])});
    }
    data += block.take();
    append(plots,
           {plots.empty() ? "plot $" : ", \\\n  $", name, " with boxes linecolor rgb '",
            detail::line_colors[k % detail::line_colors.size()], "' title ", detail::gnuplot_quoted(sets[k].of)});
    if (has_numbers)
      append(plots, {", \\\n  $", name, " using 1:2:(sprintf('%.0f',$2)) with labels offset 0,0.6 font ',",
                     sets.size() == 1 ? 11 : 9, "' notitle"});
  }
  const int count = static_cast<int>(classes), bar = sets.size() == 1 ? 56 : 76;
  const int across = std::clamp(count * bar + 120, 560, 1400), room = std::min(bar, (across - 112) / count);
  const bool is_upright = detail::stands_upright(names, count, room);
  const int bottom = is_upright ? 44 + detail::class_name_pixels(names, count) : 58;
  const detail::Layout layout{
      .width = across, .height = 360 + bottom, .left = 96, .right = 16, .bottom = bottom, .top = 40};
  figure.script =
      detail::script_head(layout.width, layout.height) + layout.area() + layout.axis_names("label", "samples");
  append(figure.script, {"set format y '%.0f'\nunset grid\nset grid ytics linecolor rgb "
                         "'#dddddd' dashtype 1 back\nset boxwidth ",
                         detail::shown_number(width * 0.94),
                         "\nset xrange [-0.6:", detail::shown_number(static_cast<double>(classes) - 0.4),
                         "]\nset yrange [0:", detail::shown_number(1.1 * static_cast<double>(most)), "]\n",
                         detail::class_tics('x', count, room, names, is_upright),
                         "set key above horizontal maxrows 1 left Left reverse samplen 1\n", data, plots, "\n"});
  return figure;
}

/// Labels down, predictions across, the counts as numbers; the colour is the share of the label's samples, by its
/// square root so that few mistakes show. Up to 30 classes get numbers.
[[gnu::cold]] inline Figure confusion_heat_map(const ConfusionMatrix& confusion,
                                               std::span<const std::string> names = {}) {
  Figure figure{"confusion", "Confusion matrix",
                "Samples by their label (down) and by what they were taken for (across).", ""};
  const int n = confusion.classes;
  if (n < 1) return figure;
  constexpr double white_text_from = 0.6;
  std::int64_t most = 0;
  for (const std::int64_t count : confusion.counts) most = std::max(most, count);
  // Numbers in two blocks by the colour that reads well, either of which may stay empty.
  detail::DataBlock cells("cells"), dark("dark"), light("light");
  std::size_t dark_cells = 0;
  for (int label = 0; label < n; ++label) {
    const auto support = static_cast<double>(confusion.score(label).support);
    for (int p = 0; p < n; ++p) {
      const auto count = static_cast<double>(confusion.count(label, p));
      const double shade = support > 0 ? std::sqrt(count / support) : 0;
      cells.row({static_cast<double>(p), static_cast<double>(label), shade});
      (shade < white_text_from ? light : dark).row({static_cast<double>(p), static_cast<double>(label), count});
      dark_cells += shade >= white_text_from;
    }
  }
  // A cell is as wide as its widest number asks for.
  const int cell = n > 30 ? std::max(4, 800 / n) : std::max(40, 9 * static_cast<int>(std::to_string(most).size()) + 12);
  const bool is_upright = detail::stands_upright(names, n, cell);
  const int side = std::max(cell * n, 200), names_take = detail::class_name_pixels(names, n);
  const int left = 46 + names_take, right = 150, bottom = is_upright ? 44 + names_take : 58, top = 16;
  const detail::Layout layout{left + side + right, bottom + side + top, left, right, bottom, top};
  std::string& script = figure.script;
  script = detail::script_head(layout.width, layout.height) + layout.area() + layout.axis_names("prediction", "label");
  append(script, {"unset grid\nset border 15\nset xrange [-0.5:", n - 1, ".5]\nset yrange [", n - 1, ".5:-0.5]\n",
                  detail::class_tics('x', n, cell, names, is_upright), detail::class_tics('y', n, cell, names),
                  "set palette defined (0 '#ffffff', 0.5 '#8fc1e3', 1 '#08427a')\nset cbrange [0:1]\n"
                  "set cblabel 'share of the label''s samples'\n"
                  "set cbtics ('0 %%' 0, '1 %%' 0.1, '10 %%' 0.3162278, '50 %%' 0.7071068, '100 %%' 1)\nunset key\n",
                  cells.take(), dark.take(), light.take(),
                  "plot $cells using ($1-0.5):2:($1-0.5):($1+0.5):($2-0.5):($2+0.5):3 with boxxyerror "
                  "fillcolor palette"});
  if (n <= 30) {
    const std::size_t all = static_cast<std::size_t>(n) * static_cast<std::size_t>(n);
    const char* const numbers = " using 1:2:(sprintf('%.0f',$3)) with labels textcolor rgb ";
    if (dark_cells < all) append(script, {", \\\n  $light", numbers, "'#111111'"});
    if (dark_cells > 0) append(script, {", \\\n  $dark", numbers, "'#ffffff'"});
  }
  script += "\n";
  return figure;
}

}  // namespace strata
