// The JSON reader takes what RFC 8259 allows, and says what is wrong with the rest.
#include <strata/io/json.hpp>

#include <boost/test/unit_test.hpp>

#include "io/folder.hpp"

using strata::json::append_quoted;
using strata::json::Reader;

namespace {

std::string string_in(std::string_view text) { return Reader(text).string(); }

std::string skip_error(std::string_view text) {
  return message_of<strata::Error>([&] {
    Reader reader(text);
    reader.skip();
    reader.end();
  });
}

const std::string accepted = "nothing was thrown";

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

BOOST_AUTO_TEST_SUITE(json)

BOOST_AUTO_TEST_CASE(objects_arrays_and_numbers_in_order) {
  std::string seen;
  Reader reader(" { \"a\" : [ 1 ,\t2,3 ] ,\n\"b\":{}, \"c\": [] }\r\n ");
  reader.object([&](const std::string& key) {
    seen += key;
    if (key == "b") return reader.skip();
    reader.array([&] { seen += std::to_string(reader.unsigned_integer()) + ";"; });
  });
  reader.end();
  BOOST_TEST(seen == "a1;2;3;bc");
}

BOOST_AUTO_TEST_CASE(strings) {
  BOOST_TEST(string_in(R"("")") == "");
  BOOST_TEST(string_in(R"("\"\\\/\b\f\n\r\t")") == "\"\\/\b\f\n\r\t");
  BOOST_TEST(string_in(R"("\u00e4\u20AC\ud83d\ude00")") == "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80");
  BOOST_TEST(string_in("\"\xC3\xA4\x7F\"") == "\xC3\xA4\x7F");
  BOOST_TEST(string_in(R"("a\u0000b")") == std::string("a\0b", 3));
}

BOOST_AUTO_TEST_CASE(wrong_strings) {
  const auto error = [](std::string_view text) { return message_of<strata::Error>([&] { string_in(text); }); };
  BOOST_TEST(contains(error("\"abc"), "expected the '\"' that ends the string, found the end of the text at byte 4"));
  BOOST_TEST(
      contains(error("\"a\nb\""), "a control character inside a string must be escaped, found '\\x0a' at byte 2"));
  BOOST_TEST(contains(error("\"\\"), "behind the backslash"));
  BOOST_TEST(contains(error("\"\\x41\""), "unknown escape"));
  BOOST_TEST(contains(error("\"\\u12\""), "four hexadecimal digits"));
  BOOST_TEST(contains(error("\"\\u123"), "four hexadecimal digits"));
  BOOST_TEST(contains(error("\"\\udc00\""), "a low surrogate without"));
  BOOST_TEST(contains(error("\"\\ud800\""), "expected \\u with the low surrogate"));
  BOOST_TEST(contains(error("\"\\ud800\\u0041\""), "a high surrogate without"));
  BOOST_TEST(contains(error("'a'"), "expected a string in double quotes, found ''' at byte 0"));
  BOOST_TEST(contains(error("\"\xC3\x28\""), "invalid UTF-8 at byte 1"));
}

BOOST_AUTO_TEST_CASE(whole_numbers) {
  const auto number = [](std::string_view text) { return Reader(text).unsigned_integer(); };
  BOOST_TEST(number("0") == 0u);
  BOOST_TEST(number(" 42 ") == 42u);
  BOOST_TEST(number("18446744073709551615") == UINT64_MAX);
  const auto error = [&](std::string_view text) { return message_of<strata::Error>([&] { number(text); }); };
  BOOST_TEST(contains(error("18446744073709551616"), "larger than 2^64 - 1"));
  BOOST_TEST(contains(error("99999999999999999999999"), "larger than 2^64 - 1"));
  BOOST_TEST(contains(error("-1"), "not negative, found '-' at byte 0"));
  BOOST_TEST(contains(error("-0"), "not negative"));
  BOOST_TEST(contains(error("+1"), "whole number"));
  BOOST_TEST(contains(error("01"), "must not begin with zeros"));
  for (const char* text : {"1.0", "1e3", "1E3", "0.5"}) BOOST_TEST(contains(error(text), "without point or exponent"));
  for (const char* text : {"", "x", "\"1\"", "true", "[1]"}) BOOST_TEST(contains(error(text), "whole number"));
}

BOOST_AUTO_TEST_CASE(any_value_can_be_skipped) {
  for (const char* text : {"null", "true", "false", "0", "-0", "-12.5e+3", "1E9", "0.1e-7", "[]", "{}",
                           R"([1,"a",{"b":[null]}])", "\"\\u0041\""}) {
    BOOST_TEST(skip_error(text) == accepted, text);
  }
  for (const char* text :
       {"",        "nul",      "True",       "-",     "1.",    ".5", "1e", "01", "+1",  "[1,]",  "[,1]", "[1 2]",
        "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{1:1}", "[",  "{",  "]",  "1 1", "{} {}", "NaN"}) {
    BOOST_TEST(skip_error(text) != accepted, text);
  }
}

BOOST_AUTO_TEST_CASE(keys_are_unique_at_every_level) {
  BOOST_TEST(contains(skip_error(R"({"a":1,"b":2,"a":3})"), "the key 'a' appears twice"));
  BOOST_TEST(contains(skip_error(R"({"a":1,"\u0061":2})"), "the key 'a' appears twice"));
  BOOST_TEST(contains(skip_error(R"([{"x":{"":1,"":2}}])"), "the key '' appears twice"));
  BOOST_TEST(skip_error(R"({"a":{"a":1},"b":{"a":1}})") == accepted);
}

BOOST_AUTO_TEST_CASE(nesting_is_limited) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']');
  };
  BOOST_TEST(skip_error(nested(32)) == accepted);
  BOOST_TEST(contains(skip_error(nested(33)), "nested more than 32 levels"));
  BOOST_TEST(contains(skip_error(std::string(1'000'000, '[')), "nested more than 32 levels"));
  BOOST_TEST(skip_error("[" + nested(31) + "," + nested(31) + "]") == accepted);  // width is not depth
}

BOOST_AUTO_TEST_CASE(quoting_is_undone_by_reading) {
  std::string every_byte;
  for (int c = 0; c < 128; ++c) every_byte += static_cast<char>(c);
  every_byte += "\xC3\xA4\xF0\x9F\x98\x80";
  std::string quoted;
  append_quoted(quoted, every_byte);
  for (const char c : quoted) BOOST_TEST(static_cast<unsigned char>(c) >= 0x20);
  BOOST_TEST(string_in(quoted) == every_byte);
  std::string plain;
  append_quoted(plain, "conv_1/kernel\n\x01");
  BOOST_TEST(plain == "\"conv_1/kernel\\n\\u0001\"");
}

BOOST_AUTO_TEST_SUITE_END()
