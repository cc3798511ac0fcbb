#include <boost/test/unit_test.hpp>
#include <strata/core/text.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

using strata::append;
using strata::joined;
using strata::TextPiece;

BOOST_AUTO_TEST_SUITE(text)

BOOST_AUTO_TEST_CASE(pieces_follow_each_other) {
  const std::string name = "digits.bin";
  const char* const what = "bytes";
  BOOST_TEST(joined({name, ": ", 12, " ", what, std::string_view(" of file", 3)}) == "digits.bin: 12 bytes of");
  BOOST_TEST(joined({}).empty());
  BOOST_TEST(joined({"", std::string(), std::string_view()}).empty());
  std::string text = "a";
  append(text, {"b", 1});
  BOOST_TEST(text == "ab1");
}

BOOST_AUTO_TEST_CASE(words_may_hold_any_byte) {
  const std::string name("a\0b", 3);
  BOOST_TEST(joined({name, "."}) == std::string("a\0b.", 4));
}

BOOST_AUTO_TEST_CASE(numbers_of_every_width_and_sign) {
  BOOST_TEST(joined({0, " ", -1, " ", 1u, " ", -10L, " ", 10UL, " ", -7LL, " ", 7ULL}) == "0 -1 1 -10 10 -7 7");
  BOOST_TEST(joined({std::numeric_limits<std::int64_t>::min()}) == "-9223372036854775808");
  BOOST_TEST(joined({std::numeric_limits<std::int64_t>::max()}) == "9223372036854775807");
  BOOST_TEST(joined({std::numeric_limits<std::uint64_t>::max()}) == "18446744073709551615");
  BOOST_TEST(joined({std::numeric_limits<int>::min()}) == "-2147483648");
}

BOOST_AUTO_TEST_CASE(what_is_no_words_and_no_whole_number_does_not_compile) {
  BOOST_TEST((!std::is_convertible_v<char, TextPiece>));
  BOOST_TEST((!std::is_convertible_v<bool, TextPiece>));
  BOOST_TEST((!std::is_convertible_v<double, TextPiece>));
  BOOST_TEST((!std::is_convertible_v<float, TextPiece>));
}

BOOST_AUTO_TEST_SUITE_END()
