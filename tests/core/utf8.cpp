// What is UTF-8 and what is not.
#include <strata/core/utf8.hpp>

#include <boost/test/unit_test.hpp>

using strata::detail::append_utf8;
using strata::detail::find_invalid_utf8;

BOOST_AUTO_TEST_SUITE(utf8)

BOOST_AUTO_TEST_CASE(every_code_point_is_written_validly_and_no_surrogate_is_valid) {
  std::uint32_t surrogates = 0;
  for (std::uint32_t code = 0; code <= 0x10FFFF; ++code) {
    std::string out;
    append_utf8(out, code);
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    const bool valid = find_invalid_utf8(out) == std::string_view::npos;
    if (valid == surrogate) BOOST_FAIL("code point " << code << " valid: " << valid);
    surrogates += !valid;
  }
  BOOST_TEST(surrogates == 2048u);
}

BOOST_AUTO_TEST_CASE(known_characters) {
  std::string out;
  for (const std::uint32_t code : {0x41u, 0xE4u, 0x20ACu, 0x1F600u}) append_utf8(out, code);
  BOOST_TEST(out == "A\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80");
}

BOOST_AUTO_TEST_CASE(invalid_sequences_are_found_at_their_byte) {
  for (const std::string_view bad :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3(", "\xE0\x9F\xBF", "\xE2\x82", "\xE2(\xA1", "\xE2\x82(",
        "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xF0\x9F\x98", "\xFF"}) {
    BOOST_TEST(find_invalid_utf8(bad) == 0u);
    BOOST_TEST(find_invalid_utf8("\xC3\xA4" + std::string(bad) + "x") == 2u);
  }
}

BOOST_AUTO_TEST_SUITE_END()
