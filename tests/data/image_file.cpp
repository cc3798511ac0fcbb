// PNG, JPEG and BMP files: every kind of pixel, camera's orientations, and files that are none, broken, cut off or
// huge.
#define STB_IMAGE_IMPLEMENTATION
#include <strata/data/image_file.hpp>

#include "../io/folder.hpp"
#include "hostile_pictures.hpp"
#include "picture_files.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

#ifdef STRATA_WITH_STB
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb/stb_image_write.h>
#endif

using strata::Picture;
using strata::read_picture;
using strata::Shape;

namespace {

std::string refusal(const std::string& path) {
  return message_of<strata::Error>([&] { read_picture(path); });
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

BOOST_AUTO_TEST_SUITE(image_file)

#ifndef STRATA_WITH_STB

BOOST_AUTO_TEST_CASE(says_how_to_build_with_stb_image) {
  const Folder folder;
  BOOST_TEST(contains(refusal(folder.file("a.png")), "built without stb_image"));
  BOOST_TEST(contains(refusal(folder.file("a.png")), "-DSTRATA_WITH_STB"));
}

#else

namespace {

// Pixels that are all different, as far as bytes go.
Picture pattern(int height, int width, int channels) {
  Picture picture{Shape::image(height, width, channels), {}};
  for (std::int64_t i = 0; i < picture.shape.size(); ++i)
    picture.bytes.push_back(static_cast<std::uint8_t>(i * 37 + i / 7));
  return picture;
}

void append(void* to, void* data, int size) {
  static_cast<std::string*>(to)->append(static_cast<const char*>(data), static_cast<std::size_t>(size));
}

std::string png_of(const Picture& picture) {
  const auto [rank, height, width, channels] = picture.shape;
  std::string file;
  stbi_write_png_to_func(append, &file, width, height, channels, picture.bytes.data(), width * channels);
  return file;
}

std::string jpeg_of(const Picture& picture) {
  const auto [rank, height, width, channels] = picture.shape;
  std::string file;
  stbi_write_jpg_to_func(append, &file, width, height, channels, picture.bytes.data(), 95);
  return file;
}

// Four squares of 16 pixels: white and black above, dark and light grey below.
Picture quarters() {
  Picture picture{Shape::image(32, 48, 1), {}};
  for (int y = 0; y < 32; ++y)
    for (int x = 0; x < 48; ++x) picture.bytes.push_back(y < 16 ? (x < 16 ? 255 : 0) : (x < 16 ? 80 : 170));
  return picture;
}

// An Exif segment that tells an orientation, in either order of bytes.
std::string exif(int orientation, bool little_endian) {
  const auto number = [&](std::size_t bytes, std::uint32_t value) {
    std::string text;
    for (std::size_t i = 0; i < bytes; ++i) text += static_cast<char>(value >> 8 * (little_endian ? i : bytes - 1 - i));
    return text;
  };
  const std::string tiff = (little_endian ? "II" : "MM") + number(2, 42) + number(4, 8) + number(2, 2) +
                           number(2, 0x010F) + number(2, 2) + number(4, 1) + number(4, 0) +  // a manufacturer first
                           number(2, 0x0112) + number(2, 3) + number(4, 1) +
                           number(2, static_cast<std::uint32_t>(orientation)) + number(2, 0) + number(4, 0);
  const std::string body = std::string("Exif\0\0", 6) + tiff;
  const std::size_t length = body.size() + 2;
  return std::string("\xFF\xE1") + static_cast<char>(length >> 8) + static_cast<char>(length & 0xFF) + body;
}

}  // namespace

BOOST_AUTO_TEST_CASE(reads_png_of_every_kind) {
  const Folder folder;
  for (const int channels : {1, 2, 3, 4}) {
    const Picture written = pattern(5, 7, channels);
    put(folder.file("a.png"), png_of(written));
    const Picture read = read_picture(folder.file("a.png"));
    BOOST_TEST((read.shape == written.shape));
    BOOST_TEST(read.bytes == written.bytes);
    BOOST_TEST((read.sample().shape == written.shape));
    BOOST_TEST(read.sample().bytes.data() == read.bytes.data());
  }
}

BOOST_AUTO_TEST_CASE(reads_png_of_other_depths) {
  using namespace picture_files;
  const auto check = [](const std::string& png, Shape shape, const std::vector<std::uint8_t>& wanted) {
    const Picture got = strata::decode_picture(std::as_bytes(std::span<const char>(png)), "a.png");
    BOOST_TEST((got.shape == shape));
    BOOST_TEST(got.bytes == wanted, boost::test_tools::per_element());
  };
  // Of 16 bits the upper 8 count.
  const std::string deep("\x12\xFF\x34\0\xFF\xFF\0\xFF\x80\0\x7F\xFF", 12);
  check(png(1, 6, 16, 0, deep), Shape::image(1, 6, 1), {0x12, 0x34, 0xFF, 0, 0x80, 0x7F});
  check(png(1, 3, 16, 4, deep), Shape::image(1, 3, 2), {0x12, 0x34, 0xFF, 0, 0x80, 0x7F});
  check(png(2, 1, 16, 2, deep), Shape::image(2, 1, 3), {0x12, 0x34, 0xFF, 0, 0x80, 0x7F});
  // Grey of 1, 2 and 4 bits goes from black to white.
  check(png(1, 5, 1, 0, "\x58"), Shape::image(1, 5, 1), {0, 255, 0, 255, 255});
  check(png(1, 4, 2, 0, "\x1B"), Shape::image(1, 4, 1), {0, 85, 170, 255});
  check(png(1, 2, 4, 0, "\xF2"), Shape::image(1, 2, 1), {255, 34});
  // A palette is RGB, or RGBA where it says what is transparent.
  const std::string palette = png_chunk("PLTE", "abcdefghi"), clear = png_chunk("tRNS", std::string("\x10\0", 2));
  const std::string pixels("\2\0\1", 3);
  check(png(1, 3, 8, 3, pixels, palette), Shape::image(1, 3, 3), {'g', 'h', 'i', 'a', 'b', 'c', 'd', 'e', 'f'});
  check(png(1, 3, 2, 3, "\x84", palette), Shape::image(1, 3, 3), {'g', 'h', 'i', 'a', 'b', 'c', 'd', 'e', 'f'});
  check(png(1, 3, 8, 3, pixels, palette + clear), Shape::image(1, 3, 4),
        {'g', 'h', 'i', 255, 'a', 'b', 'c', 16, 'd', 'e', 'f', 0});
}

BOOST_AUTO_TEST_CASE(reads_bmp) {
  const Folder folder;
  const Picture written = pattern(5, 7, 3);
  std::string file;
  stbi_write_bmp_to_func(append, &file, 7, 5, 3, written.bytes.data());
  put(folder.file("a.bmp"), file);
  const Picture read = read_picture(folder.file("a.bmp"));
  BOOST_TEST((read.shape == written.shape));
  BOOST_TEST(read.bytes == written.bytes);
}

BOOST_AUTO_TEST_CASE(decodes_bytes_in_memory) {
  const Picture written = pattern(5, 7, 3);
  const std::string png = png_of(written);
  const auto decode = [](const std::string& file) {
    return strata::decode_picture(std::as_bytes(std::span<const char>(file)), "upload 7");
  };
  BOOST_TEST(decode(png).bytes == written.bytes);
  for (const std::string& file : {std::string(), std::string("text"), png.substr(0, 60)})
    BOOST_TEST(message_of<strata::Error>([&] { decode(file); }).starts_with("upload 7: is "));
}

BOOST_AUTO_TEST_CASE(reads_jpeg) {
  const Folder folder;
  put(folder.file("a.jpg"), jpeg_of(quarters()));
  const Picture read = read_picture(folder.file("a.jpg"));
  BOOST_TEST((read.shape == Shape::image(32, 48, read.shape.channels)));
  const auto at = [&](int y, int x) {
    return int{read.bytes[static_cast<std::size_t>((y * 48 + x) * read.shape.channels)]};
  };
  BOOST_TEST(at(4, 4) > 240);
  BOOST_TEST(at(4, 40) < 15);
  BOOST_TEST(std::abs(at(28, 4) - 80) < 15);
  BOOST_TEST(std::abs(at(28, 40) - 170) < 15);
}

BOOST_AUTO_TEST_CASE(turns_pictures_as_the_camera_was_held) {
  const Folder folder;
  const std::string plain = jpeg_of(quarters());
  // What is seen in the corners, from the upper left one clockwise, by Exif's definition of where row 0 and column 0 of
  // the stored picture are to be seen. White 255, black 0, light grey 170, dark grey 80 are stored so.
  const int wanted[8][4] = {{255, 0, 170, 80}, {0, 255, 80, 170}, {170, 80, 255, 0}, {80, 170, 0, 255},
                            {255, 80, 170, 0}, {80, 255, 0, 170}, {170, 0, 255, 80}, {0, 170, 80, 255}};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (const bool little_endian : {false, true}) {
      put(folder.file("a.jpg"), plain.substr(0, 2) + exif(orientation, little_endian) + plain.substr(2));
      const Picture read = read_picture(folder.file("a.jpg"));
      const int height = orientation < 5 ? 32 : 48, width = orientation < 5 ? 48 : 32;
      BOOST_TEST((read.shape == Shape::image(height, width, read.shape.channels)));
      const int corners[4][2] = {{2, 2}, {2, width - 3}, {height - 3, width - 3}, {height - 3, 2}};
      for (int k = 0; k < 4; ++k) {
        const auto place = static_cast<std::size_t>((corners[k][0] * width + corners[k][1]) * read.shape.channels);
        BOOST_TEST_CONTEXT("orientation " << orientation << ", corner " << k)
        BOOST_TEST(std::abs(int{read.bytes[place]} - wanted[orientation - 1][k]) < 20);
      }
    }
  }
  put(folder.file("a.jpg"), plain.substr(0, 2) + exif(77, true) + plain.substr(2));  // means nothing
  BOOST_TEST((read_picture(folder.file("a.jpg")).shape.height == 32));
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_with_a_file) {
  const Folder folder;
  const std::string path = folder.file("a.png");
  BOOST_TEST(contains(refusal(path), path + ": cannot open: No such file"));
  BOOST_TEST(contains(refusal(folder.path.string()), "cannot read"));
  put(path, "");
  BOOST_TEST(contains(refusal(path), path + ": is no PNG, JPEG or BMP file"));
  put(path, "a text by the name of a picture");
  BOOST_TEST(contains(refusal(path), "is no PNG, JPEG or BMP file"));
  put(path, "GIF89a and so on");
  BOOST_TEST(contains(refusal(path), "is no PNG, JPEG or BMP file"));
  const std::string png = png_of(pattern(20, 20, 3)), jpeg = jpeg_of(quarters());
  put(path, png.substr(0, png.size() / 2));
  BOOST_TEST(contains(refusal(path), path + ": is a broken picture"));
  for (const double share : {.05, .3, .7, .99}) {
    put(path, jpeg.substr(0, static_cast<std::size_t>(share * static_cast<double>(jpeg.size()))));
    BOOST_TEST(contains(refusal(path), path + ": is a broken picture"));
  }
  // A picture in the Exif segment ends too; that is not the end of the picture.
  const std::string preview = std::string("\xFF\xE1\0\x08", 4) + "xxyy\xFF\xD9";
  put(path, (jpeg.substr(0, 2) + preview + jpeg.substr(2)).substr(0, jpeg.size() - 20));
  BOOST_TEST(contains(refusal(path), "its JPEG data are cut off"));
}

BOOST_AUTO_TEST_CASE(refuses_what_is_too_large_before_making_room_for_it) {
  const Folder folder;
  const std::string path = folder.file("a.png");
  std::string png = png_of(pattern(20, 20, 3));
  // The first part, with another size and its checksum.
  png.replace(8, 25, picture_files::png_chunk("IHDR", std::string("\0\0\x40\0\0\0\x40\0\x08\2\0\0\0", 13)));
  put(path, png);
  BOOST_TEST(contains(refusal(path), path + ": has 16384 x 16384 pixels; at most 104857600 can be read"));
  put(path, png);
  std::filesystem::resize_file(path, (std::uintmax_t{256} << 20) + 70'000);  // takes no room on most file systems
  BOOST_TEST(contains(refusal(path), "is larger than 256 MiB"));
}

BOOST_AUTO_TEST_CASE(knows_files_that_are_cut_off_at_every_length) {
  std::string bmp;
  stbi_write_bmp_to_func(append, &bmp, 5, 4, 3, pattern(4, 5, 3).bytes.data());
  const std::string jpeg = jpeg_of(quarters());
  for (const std::string& whole : {png_of(pattern(4, 5, 3)), jpeg, bmp}) {
    const auto decode = [](const std::string& file) {
      return read_hostile_picture(std::as_bytes(std::span<const char>(file)));
    };
    BOOST_TEST(decode(whole) == "");
    const std::size_t padding = whole == bmp ? 1 : 0;  // behind the last row, which nobody needs
    for (std::size_t length = 0; length < whole.size() - padding; ++length)
      BOOST_TEST_CONTEXT(length << " of " << whole.size()) BOOST_TEST(decode(whole.substr(0, length)) != "");
  }
}

BOOST_AUTO_TEST_CASE(reads_pictures_that_are_long_and_thin) {
  for (const auto& [height, width] : {std::pair{100'000u, 1u}, std::pair{1u, 100'000u}}) {
    const std::string file = picture_files::flat_png(height, width, 77);
    const Picture picture = strata::decode_picture(std::as_bytes(std::span<const char>(file)), "strip.png");
    BOOST_TEST((picture.shape == Shape::image(static_cast<int>(height), static_cast<int>(width), 1)));
    BOOST_TEST((picture.bytes == std::vector<std::uint8_t>(100'000, 77)));
  }
}

BOOST_AUTO_TEST_CASE(survives_damaged_files) {
  std::mt19937 random(5);
  std::string bmp;
  stbi_write_bmp_to_func(append, &bmp, 5, 4, 3, pattern(4, 5, 3).bytes.data());
  const std::string jpeg = jpeg_of(quarters());
  for (const std::string& whole :
       {png_of(pattern(9, 11, 4)), jpeg, jpeg.substr(0, 2) + exif(6, false) + jpeg.substr(2), bmp}) {
    int read = 0, refused = 0;
    for (int i = 0; i < 300; ++i) {
      std::string damaged = whole;
      for (std::size_t k = 0; k <= random() % 4; ++k) damaged[random() % damaged.size()] = static_cast<char>(random());
      if (random() % 4 == 0) damaged.resize(random() % damaged.size());
      const auto bytes = std::as_bytes(std::span<const char>(damaged));
      std::vector<std::byte> file(bytes.begin(), bytes.end());
      mend_png(file);
      read_hostile_picture(file).empty() ? ++read : ++refused;
    }
    BOOST_TEST(read > 30);
    BOOST_TEST(refused > 50);
  }
}

#endif

BOOST_AUTO_TEST_SUITE_END()
