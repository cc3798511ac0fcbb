// Text from files: is a name there twice, and how it may appear in an error message.
#pragma once

#include <strata/core/utf8.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace strata::detail {

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
