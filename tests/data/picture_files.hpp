// Files of pictures written byte by byte, so that tests can make every kind of them, sound and broken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace picture_files {

inline std::string big_endian(std::uint32_t n) {
  return {static_cast<char>(n >> 24), static_cast<char>(n >> 16), static_cast<char>(n >> 8), static_cast<char>(n)};
}

inline std::string little_endian(std::uint32_t n, std::size_t bytes = 4) {
  std::string text;
  for (std::size_t i = 0; i < bytes; ++i) text += static_cast<char>(n >> 8 * i);
  return text;
}

/// One part of a PNG file, with its checksum.
inline std::string png_chunk(const std::string& kind, const std::string& content) {
  std::uint32_t c = ~0u;
  for (const char byte : kind + content) {
    c ^= static_cast<unsigned char>(byte);
    for (int k = 0; k < 8; ++k) c = (c >> 1) ^ (0xEDB88320u & (0u - (c & 1)));
  }
  return big_endian(static_cast<std::uint32_t>(content.size())) + kind + content + big_endian(~c);
}

/// A PNG file whose rows are as given, unfiltered and stored without compression.
/// `colour` is PNG's: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. `before` stands in front of the data.
inline std::string png(std::uint32_t height, std::uint32_t width, int bits, int colour, const std::string& rows,
                       const std::string& before = {}) {
  std::string raw;
  const std::size_t row = rows.size() / height;
  for (std::size_t y = 0; y < height; ++y) raw += std::string(1, '\0') + rows.substr(y * row, row);
  std::uint32_t a = 1, b = 0;
  for (const char c : raw) b = (b + (a = (a + static_cast<unsigned char>(c)) % 65521)) % 65521;
  std::string data = "\x78\x01";
  constexpr std::size_t most = 65535;  // bytes of a stored block
  for (std::size_t at = 0; at < raw.size(); at += most) {
    const std::string block = raw.substr(at, most);
    const auto size = static_cast<std::uint32_t>(block.size());
    data += std::string(1, static_cast<char>(at + most >= raw.size())) + little_endian(size, 2) +
            little_endian(~size, 2) + block;
  }
  data += big_endian((b << 16) | a);
  const std::string header = big_endian(width) + big_endian(height) + static_cast<char>(bits) +
                             static_cast<char>(colour) + std::string(3, '\0');
  return "\x89PNG\r\n\x1A\n" + png_chunk("IHDR", header) + before + png_chunk("IDAT", data) + png_chunk("IEND", "");
}

/// A grey PNG file of one value.
inline std::string flat_png(std::uint32_t height, std::uint32_t width, char value) {
  return png(height, width, 8, 0, std::string(std::size_t{height} * width, value));
}

/// A BMP file with a header of 40 bytes and `after` (masks, or a palette) between it and the rows, which are as the
/// file has them: filled up, and the lowest first unless the height is negative.
inline std::string bmp(std::int32_t height, std::int32_t width, std::uint32_t bits, const std::string& rows,
                       const std::string& after = {}, std::uint32_t compression = 0, std::uint32_t colours = 0) {
  const auto begin = static_cast<std::uint32_t>(14 + 40 + after.size());
  return "BM" + little_endian(begin + static_cast<std::uint32_t>(rows.size())) + little_endian(0) +
         little_endian(begin) + little_endian(40) + little_endian(static_cast<std::uint32_t>(width)) +
         little_endian(static_cast<std::uint32_t>(height)) + little_endian(1, 2) + little_endian(bits, 2) +
         little_endian(compression) + little_endian(0) + little_endian(0) + little_endian(0) + little_endian(colours) +
         little_endian(0) + after + rows;
}

}  // namespace picture_files
