// Writing JSON that people can read as well: one member a line, indented.
#pragma once

#include <strata/core/text.hpp>
#include <strata/io/json.hpp>
#include <strata/io/text.hpp>

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace strata::json {

/// Writes JSON with two spaces of indent, member by member.
class Writer {
 public:
  [[gnu::cold]] void open(char bracket) {
    begin();
    text_ += bracket;
    ++depth_;
    first_ = true;
  }
  [[gnu::cold]] void close(char bracket) {
    --depth_;
    if (!first_) line();
    text_ += bracket;
    first_ = false;
  }
  [[gnu::cold]] void name(std::string_view name) {
    begin();
    append_quoted(text_, name);
    text_ += ": ";
    named_ = true;
  }
  /// A number to so many significant digits, at most 17; null where it is not finite, as JSON has no word for
  /// that.
  [[gnu::cold]] void number(double value, int digits = 9) {
    char text[32];  // not by printf, which writes a comma where the program's locale has one
    const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::general, digits).ptr;
    raw(std::isfinite(value) ? std::string_view(text, static_cast<std::size_t>(end - text)) : "null");
  }
  void whole(std::uint64_t value) { raw(joined({value})); }
  void truth(bool value) { raw(value ? "true" : "false"); }
  void null() { raw("null"); }
  [[gnu::cold]] void string(const std::string& value) {
    begin();
    // A path need not be UTF-8, JSON must be.
    std::string valid = value;
    for (std::size_t bad; (bad = strata::detail::find_invalid_utf8(valid)) != std::string::npos;) valid[bad] = '?';
    append_quoted(text_, valid);
  }
  /// A value that is JSON already.
  [[gnu::cold]] void raw(std::string_view value) {
    begin();
    text_ += value;
  }
  std::string take() { return std::move(text_) + "\n"; }

 private:
  [[gnu::cold]] void begin() {
    if (!named_ && depth_ > 0) {
      if (!first_) text_ += ",";
      line();
    }
    named_ = first_ = false;
  }
  [[gnu::cold]] void line() { text_.append("\n").append(static_cast<std::size_t>(2 * depth_), ' '); }

  std::string text_;
  int depth_ = 0;
  bool first_ = true;
  bool named_ = false;
};

}  // namespace strata::json
