// What a JPEG file says besides its pixels: which way up it is, and whether it is whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace strata::detail {

/// Reads numbers from bytes that may end anywhere: what lies behind the end is 0.
struct ByteReader {
  std::span<const std::byte> bytes;
  bool little_endian = false;

  std::uint32_t byte(std::size_t at) const { return at < bytes.size() ? std::to_integer<std::uint32_t>(bytes[at]) : 0; }
  std::uint32_t two(std::size_t at) const {
    return little_endian ? byte(at) | byte(at + 1) << 8 : byte(at) << 8 | byte(at + 1);
  }
  std::uint32_t four(std::size_t at) const {
    return little_endian ? two(at) | two(at + 2) << 16 : two(at) << 16 | two(at + 2);
  }
};

/// The orientation, 1 to 8, that an Exif segment tells (Exif 2.3, tag 0x0112); 1 where it tells none.
inline int exif_orientation(std::span<const std::byte> segment) {
  constexpr std::size_t header = 6;  // "Exif", 0, 0; TIFF data follow
  const ByteReader start{segment};
  if (segment.size() < header + 8 || start.four(0) != 0x45786966) return 1;
  ByteReader tiff{segment.subspan(header)};
  if (tiff.two(0) == 0x4949) tiff.little_endian = true;
  const std::size_t directory = tiff.four(4);
  if (directory >= tiff.bytes.size()) return 1;
  for (std::uint32_t entry = 0; entry < tiff.two(directory); ++entry) {
    const std::size_t at = directory + 2 + entry * std::size_t{12};
    if (at >= tiff.bytes.size()) break;
    if (tiff.two(at) != 0x0112) continue;
    const std::uint32_t value = tiff.two(at + 8);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

/// What is told about a JPEG file.
struct JpegFacts {
  int orientation = 1;    ///< as Exif numbers it; 1 is upright
  bool complete = false;  ///< the pixels' data end with the marker that ends an image
};

/// Walks through the segments of a JPEG file (ITU-T T.81, annex B); nothing where it does not begin like one.
inline std::optional<JpegFacts> jpeg_facts(std::span<const std::byte> file) {
  const ByteReader read{file};
  if (file.size() < 3 || read.two(0) != 0xFFD8 || read.byte(2) != 0xFF) return std::nullopt;
  JpegFacts facts;
  std::size_t at = 2;
  while (at + 4 <= file.size() && read.byte(at) == 0xFF) {
    const std::uint32_t marker = read.byte(at + 1);
    if (marker == 0xFF) {  // a filler
      ++at;
      continue;
    }
    const std::size_t length = read.two(at + 2);  // of the segment, these two bytes included
    if (length < 2 || length > file.size() - at - 2) return facts;
    if (marker == 0xE1 && facts.orientation == 1)
      facts.orientation = exif_orientation(file.subspan(at + 4, length - 2));
    at += 2 + length;
    if (marker == 0xDA) break;  // the pixels follow
  }
  for (; at + 1 < file.size(); ++at)
    if (read.two(at) == 0xFFD9) facts.complete = true;
  return facts;
}

}  // namespace strata::detail
