// Texts and numbers for gnuplot, HTML and file names.
#include <strata/report/quoting.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>

using namespace strata::detail;

BOOST_AUTO_TEST_SUITE(quoting)

BOOST_AUTO_TEST_CASE(gnuplot_reads_what_was_meant) {
  BOOST_TEST(gnuplot_quoted("it's") == "'it''s'");
  BOOST_TEST(gnuplot_quoted("`date` \\n $x @y") == "'`date` \\n $x @y'");
  BOOST_TEST(gnuplot_quoted("a\nset output 'x'") == "'a set output ''x'''");
  BOOST_TEST(gnuplot_quoted("bad \xff \xc3") == "'bad ? ?'");
}

BOOST_AUTO_TEST_CASE(long_texts_lose_their_middle) {
  BOOST_TEST(shortened("trousers", 8) == "trousers");
  BOOST_TEST(shortened("trousers", 7) == "tro\u2026ers");
  BOOST_TEST(shortened("trousers", 6) == "tro\u2026rs");
  BOOST_TEST(shortened("z\u00f6lf \u00e4", 6) == "z\u00f6lf \u00e4");  // characters, not bytes
  BOOST_TEST(shortened("\u00e4\u00f6\u00fc\u00df", 3) == "\u00e4\u2026\u00df");
  BOOST_TEST(shortened("\xff\xff\xff\xff", 3) == "?\u2026?");
}

BOOST_AUTO_TEST_CASE(html_has_no_tags_but_ours) {
  BOOST_TEST(html_quoted("<b a=\"1\" c='2'>&amp;") == "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;");
  BOOST_TEST(html_quoted("two\nlines\x01") == "two\nlines ");
  BOOST_TEST(html_quoted("zw\xc3\xb6lf") == "zw\xc3\xb6lf");
}

BOOST_AUTO_TEST_CASE(base64_as_in_rfc_4648) {
  BOOST_TEST(base64("") == "");
  BOOST_TEST(base64("f") == "Zg==");
  BOOST_TEST(base64("fo") == "Zm8=");
  BOOST_TEST(base64("foo") == "Zm9v");
  BOOST_TEST(base64("foobar") == "Zm9vYmFy");
  BOOST_TEST(base64("\xfb\xff\xfe") == "+//+");
}

BOOST_AUTO_TEST_CASE(numbers) {
  BOOST_TEST(shown_number(0.001) == "0.001");
  BOOST_TEST(shown_number(1.0 / 3, 3) == "0.333");
  BOOST_TEST(shown_number(std::nan("")) == "NaN");
  BOOST_TEST(shown_number(-HUGE_VAL) == "NaN");
  BOOST_TEST(fixed_number(99.96, 1) == "100.0");
}

BOOST_AUTO_TEST_CASE(names_of_files) {
  BOOST_TEST(file_name_of("First layer's filters") == "first-layer-s-filters");
  BOOST_TEST(file_name_of("../../etc/passwd") == "etc-passwd");
  BOOST_TEST(file_name_of("\xc3\xa9") == "picture");
  BOOST_TEST(file_name_of(std::string(200, 'x')).size() == 60u);
}

BOOST_AUTO_TEST_SUITE_END()
