// Texts and numbers as gnuplot, HTML and CSV read them, whatever is in them.
#pragma once

#include <strata/core/text.hpp>
#include <strata/io/text.hpp>

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace strata::detail {

/// The text with '?' for bytes that are not UTF-8 and blanks for control characters, which no XML may hold.
[[gnu::cold]] inline std::string printable(std::string_view text, bool keeps_lines = false) {
  std::string out(text);
  for (std::size_t at = 0; at < out.size();) {
    const std::size_t bad = find_invalid_utf8(std::string_view(out).substr(at));
    if (bad == std::string_view::npos) break;
    at += bad;
    out[at] = '?';
  }
  for (char& c : out)
    if ((static_cast<unsigned char>(c) < 0x20 && !(keeps_lines && c == '\n')) || c == 0x7f) c = ' ';
  return out;
}

/// How many characters a text of UTF-8 has.
[[gnu::cold]] inline int character_count(std::string_view text) {
  int n = 0;
  for (const char c : text) n += (static_cast<unsigned char>(c) & 0xC0u) != 0x80u;
  return n;
}

/// Printable text of at most so many characters, 3 or more. What is longer loses its middle, since names of one kind
/// often differ at their ends.
[[gnu::cold]] inline std::string shortened(std::string_view text, int most) {
  const std::string all = printable(text);
  const int count = character_count(all);
  if (count <= most) return all;
  const int behind = (most - 1) / 2, before = most - 1 - behind;
  std::string out;
  int character = -1;
  for (const char c : all) {
    const bool begins = (static_cast<unsigned char>(c) & 0xC0u) != 0x80u;
    character += begins;
    if (begins && character == before) out += "\u2026";
    if (character < before || character >= count - behind) out += c;
  }
  return out;
}

/// A string of gnuplot's: in single quotes nothing has a meaning but the quote, which is doubled.
[[gnu::cold]] inline std::string gnuplot_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : printable(text)) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out + "'";
}

/// Text between tags or in an attribute in double quotes.
[[gnu::cold]] inline std::string html_quoted(std::string_view text) {
  std::string out;
  for (const char c : printable(text, true)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

/// A number to so many significant digits, with a point in every locale. What is not finite is what gnuplot passes
/// over.
[[gnu::cold]] inline std::string shown_number(double value, int digits = 6) {
  if (!std::isfinite(value)) return "NaN";
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value, std::chars_format::general, digits).ptr};
}

/// A number with so many digits behind the point.
[[gnu::cold]] inline std::string fixed_number(double value, int digits) {
  if (!std::isfinite(value)) return "-";
  char text[400];
  return {text, std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, digits).ptr};
}

/// Bytes in base 64 (RFC 4648), as data: addresses hold them.
[[gnu::cold]] inline std::string base64(std::string_view bytes) {
  constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = bytes.size() - i < 3 ? bytes.size() - i : 3;
    std::uint32_t three = 0;
    for (std::size_t k = 0; k < 3; ++k)
      three = three << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += k <= count ? digits[three >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

/// A heading as the name of a file: small letters, digits and hyphens.
[[gnu::cold]] inline std::string file_name_of(std::string_view heading) {
  std::string out;
  for (const char c : heading) {
    const char small = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool kept = (small >= 'a' && small <= 'z') || (small >= '0' && small <= '9');
    if (kept) out += small;
    if (!kept && !out.empty() && out.back() != '-') out += '-';
    if (out.size() == 60) break;
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out.empty() ? "picture" : out;
}

}  // namespace strata::detail
