// Grids of small images with a line of text each: samples, predictions, mistakes.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/text.hpp>
#include <strata/data/dataset.hpp>
#include <strata/metrics/scores.hpp>
#include <strata/report/figure.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata {

/// A small image and what stands below it, in lines.
struct ImageTile {
  int height = 0, width = 0;
  std::vector<std::uint8_t> rgb;  ///< height x width x 3
  std::string caption;
  bool marked = false;  ///< has a thick frame in another colour: a wrong answer
};

/// A sample as it looks: bytes from 0 to 255, floats from the least to the largest. One channel is grey, three are
/// RGB; of others the first is shown.
[[gnu::cold]] inline ImageTile image_tile(const Sample& sample, std::string caption, bool marked = false) {
  const int channels = sample.shape.channels;
  ImageTile tile{sample.shape.height, sample.shape.width, {}, std::move(caption), marked};
  if (sample.shape.rank == 1) {  // a vector: a row of pixels, of one channel each
    tile.height = 1;
    tile.width = channels;
  }
  const int step = sample.shape.rank == 1 ? 1 : channels;
  float least = 0, most = 255;
  if (!sample.holds_bytes()) {
    const auto [low, high] = std::minmax_element(sample.floats.begin(), sample.floats.end());
    least = *low;
    most = *high > *low ? *high : *low + 1;
  }
  const auto value = [&](std::size_t i) {
    const float v = sample.holds_bytes() ? static_cast<float>(sample.bytes[i]) : sample.floats[i];
    const float share = (v - least) / (most - least);
    return static_cast<std::uint8_t>(share > 0 ? std::lround(255 * std::min(share, 1.0f)) : 0);
  };
  for (std::size_t i = 0; i < static_cast<std::size_t>(sample.shape.size()); i += static_cast<std::size_t>(step))
    for (std::size_t c = 0; c < 3; ++c) tile.rgb.push_back(value(step == 3 ? i + c : i));
  return tile;
}

/// Samples with what a model takes them for: "7 (99.8 %)", and where it is wrong "7 (61.0 %), is 9", marked, in two
/// lines where a name is long. Throws Error where there is no such sample, or the scores are of other data.
[[gnu::cold]] inline std::vector<ImageTile> prediction_tiles(const Dataset& data, const ScoresView& scores,
                                                             std::span<const std::int64_t> samples,
                                                             std::span<const std::string> names = {}) {
  if (data.size() != scores.size())
    throw Error(joined({"prediction_tiles: scores of ", scores.size(), " samples for ", data.size(), " images"}));
  const bool has_long_names =
      std::any_of(names.begin(), names.end(), [](const std::string& name) { return name.size() > 6; });
  std::vector<ImageTile> tiles;
  for (const std::int64_t i : samples) {
    const Sample image = data.image(i);
    const std::span<const float> row = scores.row(i);
    const auto best = std::max_element(row.begin(), row.end());
    const int predicted = static_cast<int>(best - row.begin());
    const int label = scores.labels()[static_cast<std::size_t>(i)];
    const auto value = static_cast<double>(*best);
    std::string caption = joined(
        {detail::class_name(names, predicted), " (",
         value >= 0 && value <= 1 ? detail::fixed_number(100 * value, 1) + " %" : detail::shown_number(value, 3), ")"});
    if (label != predicted) append(caption, {has_long_names ? "\nis " : ", is ", detail::class_name(names, label)});
    tiles.push_back(image_tile(image, std::move(caption), label != predicted));
  }
  return tiles;
}

/// The samples that the scores get wrong, those first whose wrong class has the largest score; at most so many.
[[gnu::cold]] inline std::vector<std::int64_t> misclassified(const ScoresView& scores, std::size_t most = 25) {
  const std::vector<std::int32_t> predicted = predictions(scores);
  std::vector<std::int64_t> wrong;
  for (std::int64_t i = 0; i < scores.size(); ++i)
    if (predicted[static_cast<std::size_t>(i)] != scores.labels()[static_cast<std::size_t>(i)]) wrong.push_back(i);
  const auto score = [&](std::int64_t i) {
    return scores.row(i)[static_cast<std::size_t>(predicted[static_cast<std::size_t>(i)])];
  };
  std::stable_sort(wrong.begin(), wrong.end(), [&](std::int64_t a, std::int64_t b) { return score(a) > score(b); });
  wrong.resize(std::min(wrong.size(), most));
  return wrong;
}

namespace detail {

/// The tile with each pixel `times` times in both directions: gnuplot draws no image of a single row, and some viewers
/// blur the pixels of small ones.
[[gnu::cold]] inline ImageTile enlarged(const ImageTile& t, int times) {
  ImageTile large{t.height * times, t.width * times, {}, t.caption, t.marked};
  for (int y = 0; y < large.height; ++y)
    for (int x = 0; x < large.width; ++x) {
      const auto from = (static_cast<std::size_t>(y / times) * static_cast<std::size_t>(t.width) +
                         static_cast<std::size_t>(x / times)) *
                        3;
      large.rgb.insert(large.rgb.end(), {t.rgb[from], t.rgb[from + 1], t.rgb[from + 2]});
    }
  return large;
}

/// The lines of a caption, each short enough for a class' name and its probability.
[[gnu::cold]] inline std::vector<std::string> caption_lines(std::string_view caption) {
  std::vector<std::string> lines;
  while (!caption.empty()) {
    const std::size_t end = std::min(caption.find('\n'), caption.size());
    lines.push_back(shortened(caption.substr(0, end), 34));
    caption.remove_prefix(std::min(end + 1, caption.size()));
  }
  return lines;
}

}  // namespace detail

/// The tiles row by row in so many columns; 0 for about as many as rows.
[[gnu::cold]] inline Figure image_grid(std::string heading, const std::vector<ImageTile>& tiles, int columns = 0,
                                       std::string caption = "") {
  Figure figure{detail::file_name_of(heading), std::move(heading), std::move(caption), ""};
  if (tiles.empty()) return figure;
  const int count = static_cast<int>(tiles.size());
  if (columns <= 0) columns = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(count))));
  columns = std::min(columns, count);
  const int rows = (count + columns - 1) / columns;
  int widest = 1, highest = 1;
  int longest = 0, most_lines = 0;
  for (const ImageTile& t : tiles) {
    if (t.height < 1 || t.width < 1 ||
        t.rgb.size() != 3 * static_cast<std::size_t>(t.height) * static_cast<std::size_t>(t.width))
      throw Error(joined({"image_grid: a tile of ", t.height, " x ", t.width, " pixels with ", t.rgb.size(),
                          " bytes; each pixel has three"}));
    widest = std::max(widest, t.width);
    highest = std::max(highest, t.height);
    const std::vector<std::string> lines = detail::caption_lines(t.caption);
    for (const std::string& line : lines) longest = std::max(longest, detail::character_count(line));
    most_lines = std::max(most_lines, static_cast<int>(lines.size()));
  }
  // Pixels of the screen for one of the largest image; a cell has room for the longest line of a caption.
  const int scale = std::max(1, 84 / std::max(widest, highest));
  constexpr int gap = 12, text_line = 15;
  const int text = most_lines > 0 ? text_line * most_lines + 5 : 0;
  const int cell = std::max(widest * scale, 7 * longest) + gap;
  const int line = highest * scale + text + gap;
  std::string data, plots, around;
  for (int k = 0; k < count; ++k) {
    const ImageTile& given = tiles[static_cast<std::size_t>(k)];
    const int shorter = std::min(given.height, given.width);
    const int times = std::max(shorter < 2 ? 2 : 1, std::min(40 / shorter, scale));
    const ImageTile tile = times > 1 ? detail::enlarged(given, times) : given;
    const double pixel = static_cast<double>(scale) / times;
    const int left = k % columns * cell + (cell - given.width * scale) / 2, top = k / columns * line + gap / 2;
    const std::string name = joined({"tile", k});
    detail::DataBlock block(name);
    std::size_t at = 0;
    for (int y = 0; y < tile.height; ++y)
      for (int x = 0; x < tile.width; ++x, at += 3)
        block.row({left + (x + 0.5) * pixel, top + (y + 0.5) * pixel, static_cast<double>(tile.rgb[at]),
                   static_cast<double>(tile.rgb[at + 1]), static_cast<double>(tile.rgb[at + 2])});
    data += block.take();
    append(plots, {k == 0 ? "plot $" : ", \\\n  $", name, " with rgbimage notitle"});
    append(around, {"set object rectangle from ", left - 1, ",", top - 1, " to ", left + given.width * scale + 1, ",",
                    top + given.height * scale + 1, " front fillstyle empty border rgb '",
                    given.marked ? "#D55E00' linewidth 3" : "#999999' linewidth 1", "\n"});
    int below = top + highest * scale + 12;
    for (const std::string& words : detail::caption_lines(given.caption)) {
      append(around, {"set label ", detail::gnuplot_quoted(words), " at ", left + given.width * scale / 2, ",", below,
                      " center front font ',12' textcolor rgb '", given.marked ? "#A84300" : "#222222", "'\n"});
      below += text_line;
    }
  }
  const int across = columns * cell + 4, down = rows * line + 4;
  figure.script = detail::script_head(across, down);
  append(figure.script, {"unset border\nunset tics\nunset grid\nunset key\nset lmargin at screen 0\nset rmargin at "
                         "screen 1\nset tmargin at screen 1\nset bmargin at screen 0\nset xrange [0:",
                         across, "]\nset yrange [", down, ":0]\n", around, data, plots, "\n"});
  return figure;
}

}  // namespace strata
