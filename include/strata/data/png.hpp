// Whether a PNG file is whole: stb_image does not look at its checksums, and takes what they tell of for pixels.
#pragma once

#include <strata/data/jpeg.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>

namespace strata::detail {

inline constexpr std::size_t png_signature_size = 8;

/// Whether a file begins as PNG files do.
inline bool is_png(std::span<const std::byte> file) {
  constexpr unsigned char signature[png_signature_size] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  return file.size() >= sizeof signature && std::equal(std::begin(signature), std::end(signature), file.begin(),
                                                       [](unsigned char a, std::byte b) { return std::byte{a} == b; });
}

/// The checksum of a part of a PNG file (ISO 3309's CRC-32).
inline std::uint32_t crc32(std::span<const std::byte> bytes) {
  static constexpr auto table = [] {
    std::array<std::uint32_t, 256> made{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      made[i] = i;
      for (int bit = 0; bit < 8; ++bit) made[i] = made[i] >> 1 ^ (made[i] & 1 ? 0xEDB88320u : 0);
    }
    return made;
  }();
  std::uint32_t crc = ~0u;
  for (const std::byte b : bytes) crc = crc >> 8 ^ table[(crc ^ std::to_integer<std::uint32_t>(b)) & 0xFF];
  return ~crc;
}

/// Whether all parts of a PNG file are there, to the one that ends it, and those that a decoder needs have their
/// checksums (PNG 1.2, section 3.2). What follows the end does not count.
inline bool is_whole_png(std::span<const std::byte> file) {
  const ByteReader read{file};
  constexpr std::uint32_t end = 0x49454E44;  // IEND
  for (std::size_t at = png_signature_size; file.size() - at >= 12;) {
    const std::size_t length = read.four(at);
    const std::uint32_t kind = read.four(at + 4);
    if (length > file.size() - at - 12) return false;
    const bool is_needed = (kind >> 24 & 0x20) == 0;  // a capital begins its name
    if (is_needed && crc32(file.subspan(at + 4, 4 + length)) != read.four(at + 8 + length)) return false;
    if (kind == end) return true;
    at += 12 + length;
  }
  return false;
}

}  // namespace strata::detail
