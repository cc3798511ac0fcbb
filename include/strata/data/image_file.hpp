// Pictures from PNG, JPEG and BMP files and from their bytes in memory, when built with stb_image.
//
// A program that uses this is built with -DSTRATA_WITH_STB (CMake finds the header), and one of its source files says
//
//     #define STB_IMAGE_IMPLEMENTATION
//     #include <strata/data/image_file.hpp>
//
// which makes an stb_image of PNG and JPEG alone.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/file.hpp>
#include <strata/core/shape.hpp>
#include <strata/core/text.hpp>
#include <strata/data/bmp.hpp>
#include <strata/data/jpeg.hpp>
#include <strata/data/picture.hpp>
#include <strata/data/png.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#ifdef STRATA_WITH_STB
#ifdef STB_IMAGE_IMPLEMENTATION
#include <cstdlib>
// stb_image 2.27 reads tables that a broken file never defined, which calloc makes harmless, and asserts what a broken
// file violates.
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_MALLOC(size) std::calloc(1, size)
#define STBI_REALLOC(block, size) std::realloc(block, size)
#define STBI_FREE(block) std::free(block)
#define STBI_ASSERT(holds) ((holds) ? void() : throw strata::Error("stb_image is confused by it"))
#endif
#include <stb/stb_image.h>
#endif

namespace strata {

namespace detail {

inline constexpr std::size_t most_image_bytes = std::size_t{256} << 20;     // of a file
inline constexpr std::int64_t most_image_pixels = std::int64_t{100} << 20;  // 104,857,600: three times a large camera's

/// Decodes a PNG or JPEG file, or is null where no part of the program was built with STRATA_WITH_STB. A pointer for
/// the reason that gzip.hpp tells.
inline Picture (*decode_with_stb)(std::span<const std::byte> file, const std::string& path) = nullptr;

inline Error too_many_image_bytes(const std::string& name) {
  return Error(joined({name, ": is larger than ", most_image_bytes >> 20, " MiB, and so no picture to read"}));
}

/// The bytes of a file that is not larger than most_image_bytes, which read_file would try to hold.
inline std::vector<std::byte> read_image_bytes(const std::string& path) {
  errno = 0;
  FileHandle file;
  file.open(path.c_str(), "rb");
  if (!file.get()) throw file_error(path, "cannot open", errno);
  std::vector<std::byte> bytes;
  constexpr std::size_t piece = std::size_t{1} << 16;
  for (std::size_t got = piece; got == piece;) {
    const std::size_t used = bytes.size();
    if (used > most_image_bytes) throw too_many_image_bytes(path);
    bytes.resize(used + piece);
    errno = 0;
    got = std::fread(bytes.data() + used, 1, piece, file.get());
    bytes.resize(used + got);
  }
  if (std::ferror(file.get())) throw file_error(path, "cannot read", errno);
  return bytes;
}

/// The picture as it is to be seen: Exif's orientations turn and mirror what the camera stored.
inline Picture turned_upright(Picture from, int orientation) {
  if (orientation == 1) return from;
  const int height = from.shape.height, width = from.shape.width, channels = from.shape.channels;
  const bool swaps = orientation >= 5;  // rows of the stored picture are columns
  Picture to{swaps ? Shape::image(width, height, channels) : from.shape, std::vector<std::uint8_t>(from.bytes.size())};
  for (int y = 0; y < to.shape.height; ++y) {
    for (int x = 0; x < to.shape.width; ++x) {
      int v = swaps ? x : y, u = swaps ? y : x;
      // Where the stored rows begin at the bottom or right, and the columns at the right or bottom (Exif 2.3, table 6).
      if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7) v = height - 1 - v;
      if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8) u = width - 1 - u;
      const auto at = [&](int row, int column, int columns) {
        return (static_cast<std::ptrdiff_t>(row) * columns + column) * channels;
      };
      std::copy_n(from.bytes.begin() + at(v, u, width), channels, to.bytes.begin() + at(y, x, to.shape.width));
    }
  }
  return to;
}

}  // namespace detail

/// The picture that a PNG, JPEG or BMP file in memory holds, 8 bits a channel (16 are cut), turned as its Exif
/// orientation says. `name` stands for it in errors.
///
/// Throws Error with the name: where the bytes are neither of these, are broken or cut off, are more than 256 MiB
/// or 100 Mi pixels, and where the program was built without STRATA_WITH_STB.
inline Picture decode_picture(std::span<const std::byte> file, const std::string& name) {
  if (!detail::decode_with_stb)
    throw Error(
        joined({name, ": this program was built without stb_image, which reads pictures; install it (Debian, Ubuntu: ",
                "libstb-dev) and build with -DSTRATA_WITH_STB"}));
  if (file.size() > detail::most_image_bytes) throw detail::too_many_image_bytes(name);
  if (detail::is_bmp(file)) return detail::decode_bmp(file, name, detail::most_image_pixels);
  const std::optional<detail::JpegFacts> jpeg = detail::jpeg_facts(file);
  const bool png = detail::is_png(file);
  if (!jpeg && !png) throw Error(joined({name, ": is no PNG, JPEG or BMP file; convert it to one of them"}));
  if (jpeg && !jpeg->complete) throw Error(joined({name, ": is a broken picture: its JPEG data are cut off"}));
  if (jpeg && !jpeg->sound) throw Error(joined({name, ": is a broken picture: its Huffman tables cannot be"}));
  if (png && !detail::is_whole_png(file))
    throw Error(joined({name, ": is a broken picture: its PNG data are cut off or damaged"}));
  return detail::turned_upright(detail::decode_with_stb(file, name), jpeg ? jpeg->orientation : 1);
}

/// Reads a picture from a file as decode_picture does from memory. Throws Error with the path, also where the file
/// cannot be read.
///
///     const Picture photo = read_picture("four.jpg");
inline Picture read_picture(const std::string& path) {
  if (!detail::decode_with_stb) return decode_picture({}, path);  // which tells why it cannot
  return decode_picture(detail::read_image_bytes(path), path);
}

#ifdef STRATA_WITH_STB

namespace detail {

inline const bool stb_is_registered = [] {
  decode_with_stb = [](std::span<const std::byte> file, const std::string& path) {
    const auto* const data = reinterpret_cast<const stbi_uc*>(file.data());
    const int size = static_cast<int>(file.size());
    const auto broken = [&] {
      const char* const given = stbi_failure_reason();
      std::string reason = given ? given : "stb_image refuses it";
      for (char& c : reason)
        if (c < ' ' || c > '~') c = '?';  // it may quote the file
      return Error(joined({path, ": is a broken picture: ", reason}));
    };
    int width = 0, height = 0, channels = 0;
    if (!stbi_info_from_memory(data, size, &width, &height, &channels)) throw broken();
    if (std::int64_t{width} * height > most_image_pixels)
      throw Error(joined({path, ": has ", width, " x ", height, " pixels; at most ", most_image_pixels,
                          " can be read. Make it smaller"}));
    struct Pixels {
      stbi_uc* bytes;
      ~Pixels() { stbi_image_free(bytes); }
    };
    Pixels pixels{};
    try {
      pixels.bytes = stbi_load_from_memory(data, size, &width, &height, &channels, 0);
    } catch (const Error& e) {
      throw Error(joined({path, ": is a broken picture: ", e.what()}));
    }
    if (!pixels.bytes) throw broken();
    Picture picture{Shape::image(height, width, channels), {}};
    picture.bytes.assign(pixels.bytes, pixels.bytes + picture.shape.size());
    return picture;
  };
  return true;
}();

}  // namespace detail

#endif

}  // namespace strata
