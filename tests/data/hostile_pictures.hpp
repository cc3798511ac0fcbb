// Checks that hold for the reader of pictures whatever bytes it is given. The tests and tests/fuzz share them.
#pragma once

#include <strata/data/image_file.hpp>
#include <strata/data/resize.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

/// Gives the parts of what may be a PNG file the checksums they need, so that damage reaches the decoder behind them.
inline void mend_png(std::vector<std::byte>& file) {
  using namespace strata::detail;
  if (!is_png(file)) return;
  for (std::size_t at = png_signature_size; file.size() - at >= 12;) {
    const std::size_t length = ByteReader{file}.four(at);
    if (length > file.size() - at - 12) return;
    const std::uint32_t crc = crc32(std::span<const std::byte>(file).subspan(at + 4, 4 + length));
    for (std::size_t i = 0; i < 4; ++i) file[at + 8 + length + i] = static_cast<std::byte>(crc >> (24 - 8 * i));
    at += 12 + length;
  }
}

/// Decodes `bytes` and brings the picture to a small shape. Returns the message of the Error, or nothing. Throws
/// std::logic_error where a promise is broken; undefined behaviour is for the sanitizers to find.
inline std::string read_hostile_picture(std::span<const std::byte> bytes) {
  using namespace strata;
  const auto promise = [](bool kept, const char* what) {
    if (!kept) throw std::logic_error(what);
  };
  Picture picture;
  try {
    picture = decode_picture(bytes, "a");
  } catch (const Error& error) {
    const std::string message = error.what();
    promise(message.starts_with("a: ") && message.size() < 250, "messages are short and name the file");
    for (const char c : message) promise(c >= ' ' && c <= '~', "and are text");
    return message;
  }
  promise(picture.shape.rank == 3 && picture.shape.height > 0 && picture.shape.width > 0, "a picture has pixels");
  promise(picture.shape.channels >= 1 && picture.shape.channels <= 4, "of 1 to 4 channels");
  promise(static_cast<std::int64_t>(picture.bytes.size()) == picture.shape.size(), "all of which are there");
  if (picture.shape.size() < 1 << 20)
    promise(fitted(picture, Shape::image(4, 5, 3)).bytes.size() == 60, "and can be brought to a shape");
  return {};
}
