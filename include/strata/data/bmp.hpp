// BMP files: uncompressed, with a palette of 1, 2, 4 or 8 bits, or 16, 24 or 32 bits a pixel.
//
// stb_image would read them, too, but trusts their headers: it takes colours that the palette does not have from
// memory that nothing wrote, and invents the pixels of a file that was cut off.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/shape.hpp>
#include <strata/core/text.hpp>
#include <strata/data/jpeg.hpp>
#include <strata/data/picture.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace strata::detail {

/// Whether a file begins as BMP files do.
inline bool is_bmp(std::span<const std::byte> file) {
  return file.size() >= 2 && file[0] == std::byte{'B'} && file[1] == std::byte{'M'};
}

/// A part of a pixel's bits, such as the 5 of its red.
struct BmpChannel {
  std::uint32_t mask = 0;

  /// Whether the bits lie side by side.
  bool is_whole() const {
    return mask != 0 && std::has_single_bit((std::uint64_t{mask} >> std::countr_zero(mask)) + 1);
  }

  /// Their value, of which the largest becomes 255.
  std::uint8_t of(std::uint32_t pixel) const {
    const std::uint64_t value = (pixel & mask) >> std::countr_zero(mask), most = mask >> std::countr_zero(mask);
    return static_cast<std::uint8_t>((value * 255 + most / 2) / most);
  }
};

/// What the headers of a BMP file say.
struct BmpHeader {
  std::int64_t width = 0, height = 0;
  bool bottom_first = true;                ///< of the rows; else the upper one
  std::uint32_t bits = 0;                  ///< of a pixel
  std::array<BmpChannel, 4> channels{};    ///< red, green, blue, alpha, of pixels of 16 bits or more
  std::vector<std::uint8_t> palette;       ///< red, green, blue of each colour
  std::size_t pixels = 0, row_stride = 0;  ///< bytes: where they begin, and from one row to the next

  bool has_palette() const { return bits <= 8; }
  bool has_alpha() const { return channels[3].mask != 0; }
  /// Bytes of a row without those that fill it up to a multiple of 4.
  std::size_t row_bytes() const { return (static_cast<std::size_t>(width) * bits + 7) / 8; }
};

/// Reads the headers and looks whether the file is as long as they say; `most_pixels` is the largest picture.
inline BmpHeader bmp_header(std::span<const std::byte> file, const std::string& name, std::int64_t most_pixels) {
  const ByteReader read{file, true};
  const auto broken = [&](const char* why) { return Error(joined({name, ": is a broken picture: ", why})); };
  BmpHeader h;
  const std::size_t pixels = read.four(10), header = read.four(14);
  const bool old = header == 12;  // OS/2's BITMAPCOREHEADER; the others begin as BITMAPINFOHEADER does
  if (!old && (header < 40 || header > 124)) throw broken("it begins as BMP files do, and does not go on so");
  if (file.size() < 14 + header) throw broken("its BMP header is cut off");
  const auto extent = [&](std::size_t from, std::size_t from_old) {
    return old ? std::int64_t{read.two(from_old)} : std::int64_t{static_cast<std::int32_t>(read.four(from))};
  };
  h.width = extent(18, 18);
  h.height = extent(22, 20);
  h.bottom_first = h.height >= 0;
  h.height = h.height < 0 ? -h.height : h.height;
  h.bits = read.two(old ? 24 : 28);
  if (h.width < 1 || h.height < 1) throw broken("it has no pixels");
  if (h.height > most_pixels / h.width)
    throw Error(joined(
        {name, ": has ", h.width, " x ", h.height, " pixels; at most ", most_pixels, " can be read. Make it smaller"}));

  constexpr std::uint32_t plain = 0, masked = 3;
  const std::uint32_t compression = old ? plain : read.four(30);
  if (compression != plain && compression != masked)
    throw Error(
        joined({name, ": is a compressed BMP file, which is not read; save it without compression, or as PNG"}));
  std::size_t end = 14 + header;  // of what lies in front of the pixels
  if (h.bits == 1 || h.bits == 2 || h.bits == 4 || h.bits == 8) {
    if (compression == masked) throw broken("it has both a palette and masks");
    const std::size_t entry = old ? 3 : 4, room = pixels > end ? (pixels - end) / entry : 0;
    const std::size_t used = old ? 0 : read.four(46), most = std::size_t{1} << h.bits;
    const std::size_t colours = std::min({room, most, used == 0 ? most : used});
    if (end + colours * entry > file.size()) throw broken("its palette is cut off");
    for (std::size_t i = 0; i < colours; ++i)
      for (const std::size_t c : {2u, 1u, 0u})  // blue first
        h.palette.push_back(static_cast<std::uint8_t>(read.byte(end + i * entry + c)));
    if (colours == 0) throw broken("its palette is empty");
  } else if (h.bits == 16 || h.bits == 24 || h.bits == 32) {
    h.channels = {{{0xFF0000}, {0xFF00}, {0xFF}, {0}}};
    if (h.bits == 16) h.channels = {{{0x7C00}, {0x3E0}, {0x1F}, {0}}};
    if (compression == masked) {
      if (h.bits == 24) throw broken("it has masks for pixels of 24 bits");
      for (std::size_t c = 0; c < 4; ++c) h.channels[c].mask = c < 3 || header >= 56 ? read.four(54 + 4 * c) : 0;
      if (header == 40) end += 12;  // the masks follow it
      for (std::size_t c = 0; c < 4; ++c)
        if (!h.channels[c].is_whole() && (c < 3 || h.has_alpha())) throw broken("its masks cannot be");
    }
  } else {
    throw broken("its pixels have a number of bits that BMP does not know");
  }
  if (pixels < end) throw broken("its pixels begin within its header");
  h.pixels = pixels;
  h.row_stride = (h.row_bytes() + 3) / 4 * 4;
  const std::size_t needed = h.pixels + static_cast<std::size_t>(h.height - 1) * h.row_stride + h.row_bytes();
  if (needed > file.size()) throw broken("its BMP pixels are cut off");
  return h;
}

/// One row of a file into channels bytes a pixel. False where a pixel has a colour that the palette lacks.
inline bool decode_bmp_row(const BmpHeader& h, std::span<const std::byte> row, std::size_t channels, std::uint8_t* to) {
  const ByteReader read{row, true};
  for (std::size_t x = 0; x < static_cast<std::size_t>(h.width); ++x, to += channels) {
    if (h.has_palette()) {
      const std::size_t bit = x * h.bits;  // the leftmost pixel has the highest bits of a byte
      const std::size_t colour = read.byte(bit / 8) >> (8 - h.bits - bit % 8) & ((1u << h.bits) - 1);
      if (colour >= h.palette.size() / 3) return false;
      std::copy_n(h.palette.begin() + static_cast<std::ptrdiff_t>(3 * colour), channels, to);
    } else {
      const std::size_t at = x * (h.bits / 8);
      const std::uint32_t pixel = h.bits == 16   ? read.two(at)
                                  : h.bits == 24 ? read.two(at) | read.byte(at + 2) << 16
                                                 : read.four(at);
      for (std::size_t c = 0; c < channels; ++c) to[c] = h.channels[c].of(pixel);
    }
  }
  return true;
}

/// Decodes a BMP file: grey where its palette is, else RGB, or RGBA where it has a mask for alpha. An alpha that is 0
/// everywhere is one that the writer left out.
inline Picture decode_bmp(std::span<const std::byte> file, const std::string& name, std::int64_t most_pixels) {
  const BmpHeader h = bmp_header(file, name, most_pixels);
  bool grey = h.has_palette();
  for (std::size_t i = 0; i < h.palette.size(); i += 3)
    grey = grey && h.palette[i] == h.palette[i + 1] && h.palette[i] == h.palette[i + 2];
  const std::size_t channels = grey ? 1 : h.has_alpha() ? 4 : 3;
  const auto height = static_cast<std::size_t>(h.height), row = static_cast<std::size_t>(h.width) * channels;
  Picture picture{Shape::image(static_cast<int>(h.height), static_cast<int>(h.width), static_cast<int>(channels)),
                  std::vector<std::uint8_t>(height * row)};
  for (std::size_t y = 0; y < height; ++y) {
    const std::size_t at = h.pixels + (h.bottom_first ? height - 1 - y : y) * h.row_stride;
    if (!decode_bmp_row(h, file.subspan(at, h.row_bytes()), channels, picture.bytes.data() + y * row))
      throw Error(joined({name, ": is a broken picture: a pixel has a colour that its palette lacks"}));
  }
  if (channels == 4) {
    bool seen = false;
    for (std::size_t i = 3; i < picture.bytes.size(); i += 4) seen = seen || picture.bytes[i] != 0;
    for (std::size_t i = 3; i < picture.bytes.size() && !seen; i += 4) picture.bytes[i] = 255;
  }
  return picture;
}

}  // namespace strata::detail
