// A picture as a gnuplot script, and what all scripts share: size, colours, data.
#pragma once

#include <strata/core/text.hpp>
#include <strata/report/quoting.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata {

/// A picture that is not drawn yet.
struct Figure {
  std::string name;     ///< of its file, without ".svg"
  std::string heading;  ///< what stands above it
  std::string caption;  ///< a sentence below it, or nothing
  std::string script;   ///< gnuplot's commands that draw it on standard output; empty where there is nothing to draw
};

/// One line of a chart. Points that are not finite are left out.
struct Series {
  std::string name;
  std::vector<double> x, y;
  double marked = std::numeric_limits<double>::quiet_NaN();  ///< an x that gets a large dot, such as a chosen rate
};

namespace detail {

/// Colours that people with any common colour blindness tell apart, on white: those of Okabe and Ito (2008) without the
/// yellow, then wine, indigo and olive of Tol's (2021), which are as dark as some of these and so get dashes as well.
inline constexpr std::array<const char*, 10> line_colors{"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00",
                                                         "#56B4E9", "#000000", "#882255", "#332288", "#999933"};

/// The colour and the dashes of line number k: the first ten differ in both, later ones of one colour by their dashes.
[[gnu::cold]] inline std::string line_style(std::size_t k) {
  constexpr std::array<const char*, 4> dashes{"1", "(10,3)", "'.'", "'_.'"};
  const std::size_t color = k % line_colors.size(), round = k / line_colors.size();
  return joined({"linewidth 1.8 linecolor rgb '", line_colors[color], "' dashtype ",
                 dashes[(2 * round + (color < 7 ? 0 : 1)) % dashes.size()]});
}

/// How every script begins. No text has markup in it ("noenhanced"): names hold underscores.
[[gnu::cold]] inline std::string script_head(int width, int height) {
  return joined({"set encoding utf8\nset terminal svg noenhanced size ", width, ",", height,
                 " font 'Helvetica,Arial,sans-serif,13' background '#ffffff'\n"
                 "set border 3 linecolor rgb '#444444'\nset tics nomirror textcolor rgb '#222222'\n"
                 "set grid linecolor rgb '#dddddd' linewidth 1 dashtype 1\nset style fill solid 1 noborder\n"});
}

/// A block of numbers that plots name; rows of the same length.
class DataBlock {
 public:
  explicit DataBlock(std::string_view name) : text_(joined({"$", name, " << EOD\n"})) {}
  [[gnu::cold]] void row(std::initializer_list<double> values) {
    for (const double value : values) text_ += shown_number(value, 9) + ' ';
    text_.back() = '\n';
  }
  std::string take() { return std::move(text_) + "EOD\n"; }

 private:
  std::string text_;
};

/// A distance between ticks of 1, 2 or 5 times a power of ten, so that `range` has at most `most` of them.
[[gnu::cold]] inline long long tick_step(double range, int most) {
  long long step = 1;
  for (int k = 0; range / static_cast<double>(step) > most; ++k) step = k % 3 == 1 ? step / 2 * 5 : step * 2;
  return step;
}

/// What a class is called, or its number; at most 24 characters.
[[gnu::cold]] inline std::string class_name(std::span<const std::string> names, int cls) {
  const auto at = static_cast<std::size_t>(cls);
  return at < names.size() ? shortened(names[at], 24) : std::to_string(cls);
}

/// Room in pixels for the names of so many classes, the longest counts.
[[gnu::cold]] inline int class_name_pixels(std::span<const std::string> names, int classes) {
  int longest = 0;
  for (int c = 0; c < classes; ++c) longest = std::max(longest, character_count(class_name(names, c)));
  return 7 * longest + 4;
}

/// A picture's size in pixels, and what its axes leave free on each side.
struct Layout {
  int width, height, left, right, bottom, top;

  [[gnu::cold]] std::string across(int pixels) const { return shown_number(static_cast<double>(pixels) / width); }
  [[gnu::cold]] std::string up(int pixels) const { return shown_number(static_cast<double>(pixels) / height); }

  /// Puts the axes where the layout says.
  [[gnu::cold]] std::string area() const {
    return joined({"set lmargin at screen ", across(left), "\nset rmargin at screen ", across(width - right),
                   "\nset bmargin at screen ", up(bottom), "\nset tmargin at screen ", up(height - top), "\n"});
  }

  /// Names the axes at the picture's edge: gnuplot's own labels leave a picture whose ticks have long names.
  [[gnu::cold]] std::string axis_names(const char* x, const char* y) const {
    return joined({"set label '", x, "' at screen ", across((left + width - right) / 2), ",", up(16), " center\n",
                   "set label '", y, "' at screen ", across(16), ",", up((bottom + height - top) / 2),
                   " center rotate by 90\n"});
  }
};

}  // namespace detail
}  // namespace strata
