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
  bool complete = false;  ///< every segment is there, up to the marker that ends the image
  bool sound = true;      ///< the Huffman tables are ones that a decoder can build
};

/// Whether the tables of a DHT segment, its length not included, are prefix codes of at most 256 symbols (T.81, annexes
/// B.2.4.2 and C): decoders trust them.
inline bool are_huffman_tables(std::span<const std::byte> tables) {
  const ByteReader read{tables};
  for (std::size_t at = 0; at < tables.size();) {
    std::uint32_t symbols = 0, room = 1;  // codes that are still free at this length
    for (std::size_t length = 1; length <= 16; ++length) {
      const std::uint32_t count = read.byte(at + length);
      room *= 2;
      if (count > room) return false;
      room -= count;
      symbols += count;
    }
    at += 17 + std::size_t{symbols};
    if (symbols > 256 || at > tables.size()) return false;
  }
  return true;
}

/// Walks through the segments of a JPEG file (ITU-T T.81, annex B); nothing where it does not begin like one.
inline std::optional<JpegFacts> jpeg_facts(std::span<const std::byte> file) {
  const ByteReader read{file};
  if (file.size() < 3 || read.two(0) != 0xFFD8 || read.byte(2) != 0xFF) return std::nullopt;
  constexpr std::uint32_t start_of_scan = 0xDA, end_of_image = 0xD9, huffman_tables = 0xC4, app1 = 0xE1;
  JpegFacts facts;
  bool in_scan = false;
  for (std::size_t at = 2; at + 1 < file.size();) {
    const std::uint32_t marker = read.byte(at + 1);
    const bool is_marker = read.byte(at) == 0xFF && marker != 0 && marker != 0xFF;
    const bool is_restart = marker >= 0xD0 && marker <= 0xD7;
    if (!is_marker || (in_scan && is_restart)) {  // pixels, or fillers
      ++at;
      continue;
    }
    facts.complete = marker == end_of_image;
    if (facts.complete) break;
    in_scan = marker == start_of_scan;
    const std::size_t length = read.two(at + 2);  // of the segment, these two bytes included
    if (length < 2 || length > file.size() - at - 2) break;
    const std::span<const std::byte> body = file.subspan(at + 4, length - 2);
    if (marker == app1 && facts.orientation == 1) facts.orientation = exif_orientation(body);
    if (marker == huffman_tables && !are_huffman_tables(body)) facts.sound = false;
    at += 2 + length;
  }
  return facts;
}

}  // namespace strata::detail
