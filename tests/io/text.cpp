// Foreign text in messages.
#include <strata/io/text.hpp>

#include <boost/test/unit_test.hpp>

using strata::detail::shown;

BOOST_AUTO_TEST_SUITE(text)

BOOST_AUTO_TEST_CASE(messages_show_foreign_text_harmlessly) {
  BOOST_TEST(shown("conv_1/kernel") == "'conv_1/kernel'");
  BOOST_TEST(shown("gr\xC3\xBC\xC3\x9F"
                   "e") ==
             "'gr\xC3\xBC\xC3\x9F"
             "e'");
  BOOST_TEST(shown("\x1b[2J\n") == "'\\x1b[2J\\x0a'");
  BOOST_TEST(shown("\xFF") == "'\\xff'");
  BOOST_TEST(shown(std::string(100, 'a')) == "'" + std::string(100, 'a') + "'");
  BOOST_TEST(shown(std::string(1000, 'a')) == "'" + std::string(100, 'a') + "'...");
  BOOST_TEST(shown(std::string(99, 'a') + "\xC3\xA4") == "'" + std::string(99, 'a') + "'...");
}

BOOST_AUTO_TEST_SUITE_END()
