// Text from files: is it UTF-8, is a name there twice, and how it may appear in an error message.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace strata::detail {

/// The byte at which `text` stops being valid UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above
/// U+10FFFF), or std::string_view::npos when all of it is valid.
constexpr std::size_t find_invalid_utf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const std::size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                               : lead >= 0xE0 && lead <= 0xEF ? 3
                               : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                              : 0;
    if (length == 0 || text.size() - i < length) return i;
    // Only the second byte's range depends on the first: that is where overlong forms and surrogates show.
    const auto second = static_cast<unsigned char>(text[i + 1]);
    const unsigned low = lead == 0xE0 ? 0xA0u : lead == 0xF0 ? 0x90u : 0x80u;
    const unsigned high = lead == 0xED ? 0x9Fu : lead == 0xF4 ? 0x8Fu : 0xBFu;
    if (second < low || second > high) return i;
    for (std::size_t k = 2; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0u) != 0x80u) return i;
    }
    i += length;
  }
  return std::string_view::npos;
}

/// Appends the UTF-8 form of `code_point`, which must be at most U+10FFFF and no surrogate.
inline void append_utf8(std::string& out, std::uint32_t code_point) {
  const auto add = [&out](std::uint32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (code_point < 0x80) {
    add(code_point);
  } else if (code_point < 0x800) {
    add(0xC0u | (code_point >> 6));
    add(0x80u | (code_point & 0x3Fu));
  } else if (code_point < 0x10000) {
    add(0xE0u | (code_point >> 12));
    add(0x80u | ((code_point >> 6) & 0x3Fu));
    add(0x80u | (code_point & 0x3Fu));
  } else {
    add(0xF0u | (code_point >> 18));
    add(0x80u | ((code_point >> 12) & 0x3Fu));
    add(0x80u | ((code_point >> 6) & 0x3Fu));
    add(0x80u | (code_point & 0x3Fu));
  }
}

/// Which of two things of an array comes first, by their places in it.
using PlaceOrder = bool (*)(const void* array, std::size_t a, std::size_t b);

/// The places 0 to count - 1 of an array, sorted. All orders share this one sort: std::sort's text for each type and
/// order would be among the largest functions of a program. A heap's is the least.
[[gnu::noinline, gnu::cold]] inline std::vector<std::size_t> sorted_places(std::size_t count, const void* array,
                                                                           PlaceOrder before) {
  std::vector<std::size_t> places(count);
  for (std::size_t i = 0; i < count; ++i) places[i] = i;
  const auto less = [=](std::size_t a, std::size_t b) { return before(array, a, b); };
  std::make_heap(places.begin(), places.end(), less);
  std::sort_heap(places.begin(), places.end(), less);
  return places;
}

/// A name that is there more than once, or nullptr.
inline const std::string* find_twice(const std::vector<std::string>& names) {
  const std::vector<std::size_t> sorted =
      sorted_places(names.size(), names.data(), [](const void* array, std::size_t a, std::size_t b) {
        const auto* all = static_cast<const std::string*>(array);
        return all[a].compare(all[b]) < 0;
      });
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    if (names[sorted[i - 1]] == names[sorted[i]]) return &names[sorted[i]];
  }
  return nullptr;
}

/// `text` in single quotes, fit for a terminal: at most `limit` bytes of it, and control characters and broken UTF-8 as
/// \xNN, since a name from a hostile file may hold megabytes or terminal commands.
[[gnu::cold]] inline std::string shown(std::string_view text, std::size_t limit = 100) {
  constexpr char hex[] = "0123456789abcdef";
  std::string_view part = text.substr(0, limit);
  if (part.size() < text.size()) {  // do not cut a character in two
    while (!part.empty() && (static_cast<unsigned char>(text[part.size()]) & 0xC0u) == 0x80u) part.remove_suffix(1);
  }
  const bool valid = find_invalid_utf8(part) == std::string_view::npos;
  std::string out = "'";
  for (const char c : part) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !valid)) {
      out += "\\x";
      out += hex[byte >> 4];
      out += hex[byte & 15];
    } else {
      out += c;
    }
  }
  out += part.size() < text.size() ? "'..." : "'";
  return out;
}

}  // namespace strata::detail
