// BMP files: every kind of pixel against values worked out by hand, and headers that lie.
#include <strata/data/bmp.hpp>

#include "../io/folder.hpp"
#include "picture_files.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

using namespace picture_files;
using strata::Picture;
using strata::Shape;

namespace {

using Bytes = std::vector<std::uint8_t>;
constexpr std::int64_t most_pixels = 1000;

Picture decode(const std::string& file) {
  return strata::detail::decode_bmp(std::as_bytes(std::span<const char>(file)), "a.bmp", most_pixels);
}

void check(const std::string& file, Shape shape, const Bytes& wanted) {
  const Picture got = decode(file);
  BOOST_TEST((got.shape == shape));
  BOOST_TEST(got.bytes == wanted, boost::test_tools::per_element());
}

void refused(const std::string& file, const std::string& why) {
  const std::string message = message_of<strata::Error>([&] { decode(file); });
  BOOST_TEST(message.starts_with("a.bmp: "));
  BOOST_TEST_CONTEXT(message) BOOST_TEST(message.find(why) != std::string::npos);
}

std::string set(std::string file, std::size_t at, const std::string& bytes) {
  return file.replace(at, bytes.size(), bytes);
}

std::string text(std::initializer_list<int> values) {
  std::string bytes;
  for (const int v : values) bytes += static_cast<char>(v);
  return bytes;
}

const std::string palette = text({1, 2, 3, 0, 40, 50, 60, 0, 7, 8, 9, 0, 0, 0, 255, 0});  // blue, green, red, unused
const std::string greys = text({0, 0, 0, 0, 255, 255, 255, 0});
const std::string rgb = bmp(2, 1, 24, text({1, 2, 3, 0, 4, 5, 6, 0}));

}  // namespace

BOOST_AUTO_TEST_SUITE(bmp_files)

BOOST_AUTO_TEST_CASE(pixels_of_24_bits_either_way_up) {
  check(rgb, Shape::image(2, 1, 3), {6, 5, 4, 3, 2, 1});
  check(bmp(-2, 1, 24, text({1, 2, 3, 0, 4, 5, 6, 0})), Shape::image(2, 1, 3), {3, 2, 1, 6, 5, 4});
  check(rgb.substr(0, rgb.size() - 1), Shape::image(2, 1, 3), {6, 5, 4, 3, 2, 1});  // the last row is not filled up
}

BOOST_AUTO_TEST_CASE(palettes) {
  const Bytes two_colours{3, 2, 1, 60, 50, 40};
  check(bmp(1, 2, 8, text({0, 1, 0, 0}), palette), Shape::image(1, 2, 3), two_colours);
  check(bmp(1, 2, 4, text({0x01, 0, 0, 0}), palette), Shape::image(1, 2, 3), two_colours);
  check(bmp(1, 2, 1, text({0x40, 0, 0, 0}), palette.substr(0, 8)), Shape::image(1, 2, 3), two_colours);
  check(bmp(1, 5, 2, text({0b00011011, 0b01000000, 0, 0}), palette), Shape::image(1, 5, 3),
        {3, 2, 1, 60, 50, 40, 9, 8, 7, 255, 0, 0, 60, 50, 40});
  check(bmp(2, 9, 1, text({0b10101010, 0x80, 0, 0, 0, 0, 0, 0}), greys), Shape::image(2, 9, 1),
        {0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255});
  // OS/2's header: sizes of two bytes and colours of three.
  check("BM" + little_endian(0) + little_endian(0) + little_endian(14 + 12 + 6) + little_endian(12) +
            little_endian(2, 2) + little_endian(1, 2) + little_endian(1, 2) + little_endian(8, 2) +
            text({1, 2, 3, 40, 50, 60, 0, 1, 0, 0}),
        Shape::image(1, 2, 3), two_colours);
}

BOOST_AUTO_TEST_CASE(pixels_of_16_and_32_bits) {
  // 5 bits each: 31 is 255, 16 is 131.6, 1 is 8.2.
  check(bmp(1, 2, 16, little_endian(31 << 10 | 16 << 5 | 1, 2) + little_endian(1 << 10, 2)), Shape::image(1, 2, 3),
        {255, 132, 8, 8, 0, 0});
  const std::string masks = little_endian(0xF800) + little_endian(0x7E0) + little_endian(0x1F);
  check(bmp(1, 2, 16, little_endian(63 << 5 | 31, 2) + little_endian(16 << 11 | 32 << 5, 2), masks, 3),
        Shape::image(1, 2, 3), {0, 255, 255, 132, 130, 0});
  check(bmp(1, 1, 32, text({1, 2, 3, 77})), Shape::image(1, 1, 3), {3, 2, 1});
  const std::string wide = little_endian(0xFFC00000) + little_endian(0x3FF000) + little_endian(0xFFF);  // 10, 10, 12
  check(bmp(1, 1, 32, little_endian(1023u << 22 | 512u << 12 | 16), wide, 3), Shape::image(1, 1, 3), {255, 128, 1});
  // A header of 56 bytes has a mask for alpha.
  const std::string alpha = little_endian(0xFF0000) + little_endian(0xFF00) + little_endian(0xFF);
  const auto with_alpha = [&](int a, int b) {
    return set(bmp(1, 2, 32, text({1, 2, 3, a, 4, 5, 6, b}), alpha + little_endian(0xFF000000), 3), 14,
               little_endian(56));
  };
  check(with_alpha(128, 0), Shape::image(1, 2, 4), {3, 2, 1, 128, 6, 5, 4, 0});
  check(with_alpha(0, 0), Shape::image(1, 2, 4), {3, 2, 1, 255, 6, 5, 4, 255});
}

BOOST_AUTO_TEST_CASE(headers_that_lie) {
  constexpr std::size_t offset = 10, size = 14, width = 18, height = 22, bits = 28, compression = 30;
  refused("BM", "does not go on so");
  refused("BMW and other cars, in a text that is long enough to be taken for a header", "does not go on so");
  refused(rgb.substr(0, 40), "header is cut off");
  refused(rgb.substr(0, rgb.size() - 2), "pixels are cut off");
  refused(set(rgb, offset, little_endian(53)), "begin within its header");
  refused(set(rgb, offset, little_endian(0xFFFFFFFF)), "pixels are cut off");
  refused(set(rgb, size, little_endian(0xFFFFFFFF)), "does not go on so");
  refused(set(rgb, width, little_endian(0)), "has no pixels");
  refused(set(rgb, width, little_endian(0xFFFFFFFF)), "has no pixels");
  refused(set(rgb, height, little_endian(0)), "has no pixels");
  refused(set(rgb, height, little_endian(0x80000000)), "has 1 x 2147483648 pixels; at most 1000");
  refused(set(rgb, height, little_endian(1001)), "has 1 x 1001 pixels; at most 1000");
  refused(set(rgb, height, little_endian(1000)), "pixels are cut off");
  refused(set(rgb, bits, little_endian(7, 2)), "number of bits");
  refused(set(rgb, compression, little_endian(1)), "is a compressed BMP file");
  refused(set(rgb, compression, little_endian(3)), "masks for pixels of 24 bits");
  refused(bmp(1, 1, 8, text({2, 0, 0, 0}), greys), "a colour that its palette lacks");
  refused(bmp(1, 1, 8, text({1, 0, 0, 0}), greys, 0, 1), "a colour that its palette lacks");
  refused(bmp(1, 1, 8, text({0, 0, 0, 0})), "palette is empty");
  refused(bmp(1, 1, 8, text({0, 0, 0, 0}), greys, 3), "both a palette and masks");
  refused(set(bmp(1, 1, 8, ""), offset, little_endian(1000)), "palette is cut off");
  const std::string holes = little_endian(0xF0F) + little_endian(0xF0) + little_endian(0xF000);
  refused(bmp(1, 1, 16, text({0, 0, 0, 0}), holes, 3), "masks cannot be");
  refused(bmp(1, 1, 16, text({0, 0, 0, 0}), std::string(12, '\0'), 3), "masks cannot be");
}

BOOST_AUTO_TEST_SUITE_END()
