// Unicode text as UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

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

}  // namespace strata::detail
