// What the JSON writer writes, the reader reads, and numbers read back the same.
#include <strata/io/json_writer.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>

BOOST_AUTO_TEST_SUITE(json_writer)

BOOST_AUTO_TEST_CASE(members_a_line_each) {
  strata::json::Writer json;
  json.open('{');
  json.name("a \"b\"");
  json.number(0.1);
  json.name("list");
  json.open('[');
  json.whole(18446744073709551615u);
  json.truth(true);
  json.null();
  json.string("\xff\n");
  json.close(']');
  json.name("empty");
  json.open('{');
  json.close('}');
  json.close('}');
  BOOST_TEST(
      json.take() ==
      "{\n  \"a \\\"b\\\"\": 0.1,\n  \"list\": [\n    18446744073709551615,\n    true,\n    null,\n    \"?\\n\"\n"
      "  ],\n  \"empty\": {}\n}\n");
}

BOOST_AUTO_TEST_CASE(numbers) {
  const auto written = [](double value, int digits = 9) {
    strata::json::Writer json;
    json.number(value, digits);
    return json.take();
  };
  BOOST_TEST(written(1.0 / 3) == "0.333333333\n");
  BOOST_TEST(written(1e-12) == "1e-12\n");
  BOOST_TEST(written(-1.0 / 3, 17) == "-0.33333333333333331\n");
  BOOST_TEST(written(std::nan("")) == "null\n");
  BOOST_TEST(written(-HUGE_VAL) == "null\n");
}

BOOST_AUTO_TEST_SUITE_END()
