// The parts of a PNG file: its end, and checksums.
#include <strata/data/png.hpp>

#include "picture_files.hpp"

#include <boost/test/unit_test.hpp>
#include <span>
#include <string>

namespace {

auto bytes(const std::string& file) { return std::as_bytes(std::span<const char>(file)); }
bool is_whole(const std::string& file) { return strata::detail::is_whole_png(bytes(file)); }

const std::string png = picture_files::flat_png(2, 3, 7);

}  // namespace

BOOST_AUTO_TEST_SUITE(png_files)

BOOST_AUTO_TEST_CASE(checksum) {
  BOOST_TEST(strata::detail::crc32(bytes("123456789")) == 0xCBF43926u);  // CRC-32's known answer
  BOOST_TEST(strata::detail::crc32({}) == 0u);
}

BOOST_AUTO_TEST_CASE(begins_with_the_signature) {
  BOOST_TEST(strata::detail::is_png(bytes(png)));
  BOOST_TEST(!strata::detail::is_png(bytes(png.substr(0, 7))));
  BOOST_TEST(!strata::detail::is_png(bytes("\x89PNG\n\r\x1A\n")));
}

BOOST_AUTO_TEST_CASE(is_whole_to_its_last_byte) {
  BOOST_TEST(is_whole(png));
  BOOST_TEST(is_whole(png + "what follows"));
  for (std::size_t length = 8; length < png.size(); ++length) BOOST_TEST(!is_whole(png.substr(0, length)));
}

BOOST_AUTO_TEST_CASE(each_byte_behind_the_signature_counts) {
  for (std::size_t at = 8; at < png.size(); ++at) {
    std::string damaged = png;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    BOOST_TEST_CONTEXT("byte " << at) BOOST_TEST(!is_whole(damaged));
  }
}

BOOST_AUTO_TEST_CASE(a_damaged_note_does_no_harm) {
  std::string note = picture_files::png_chunk("tEXt", "by me");
  note[9] = 'x';
  BOOST_TEST(is_whole(png.substr(0, 33) + note + png.substr(33)));
}

BOOST_AUTO_TEST_SUITE_END()
