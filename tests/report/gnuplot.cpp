// gnuplot as a child process: what it is given, what comes back, and what happens where it fails.
#include <strata/report/gnuplot.hpp>
#include <strata/report/quoting.hpp>

#include <boost/test/unit_test.hpp>

#include "report/programs.hpp"

#include <chrono>
#include <cstdlib>

using strata::Error;
using strata::Gnuplot;

BOOST_AUTO_TEST_SUITE(gnuplot)

BOOST_AUTO_TEST_CASE(the_script_goes_in_and_the_picture_comes_out) {
  const Folder folder;
  const Gnuplot echo(program(folder, "echo", "echo \"$# $1\"; cat"));
  const std::string script(300'000, 'x');  // more than any pipe holds
  BOOST_TEST((echo.draw(script) == "1 -d\n" + script));
}

BOOST_AUTO_TEST_CASE(a_failure_says_what_gnuplot_said) {
  const Folder folder;
  const auto message = [&](const std::string& commands) {
    return message_of<Error>([&] { Gnuplot(program(folder, "p", commands)).draw("plot x"); });
  };
  BOOST_TEST(message("echo half; echo 'line 1:  unknown\n  style' >&2; exit 3") ==
             "gnuplot: failed: line 1: unknown style");
  BOOST_TEST(message("exit 0") == "gnuplot: drew nothing");
  BOOST_TEST(message("kill -9 $$") == "gnuplot: failed");
  const std::string missing = message_of<Error>([&] { Gnuplot(folder.file("none")).draw("plot x"); });
  BOOST_TEST(contains(missing, "none: No such file"), missing);
}

BOOST_AUTO_TEST_CASE(who_takes_too_long_is_ended) {
  const Folder folder;
  const auto begin = std::chrono::steady_clock::now();
  const Gnuplot slow(program(folder, "slow", "exec sleep 30"), std::chrono::milliseconds(100));
  BOOST_TEST(message_of<Error>([&] { slow.draw("plot x"); }) == "gnuplot: took too long");
  BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::seconds(10)));
}

BOOST_AUTO_TEST_CASE(it_is_found_on_the_path) {
  const Folder folder;
  const char* before = std::getenv("PATH");
  const std::string path = before ? before : "";
  setenv("PATH", ("/nowhere::" + folder.path.string()).c_str(), 1);
  const bool before_it_is_there = Gnuplot().is_there();
  program(folder, "gnuplot", "exit 0");
  const bool then = Gnuplot().is_there();
  setenv("PATH", "", 1);
  const bool without_path = Gnuplot().is_there();
  setenv("PATH", path.c_str(), 1);
  BOOST_TEST(!before_it_is_there);
  BOOST_TEST(then);
  BOOST_TEST(!without_path);
}

BOOST_AUTO_TEST_CASE(texts_arrive_as_they_are, *boost::unit_test::precondition(gnuplot_is_there)) {
  const std::string text = "it's \"x\" `date` @m %s_{2} ^ \\n <b> & $HOME";
  const std::string svg = Gnuplot().draw("set terminal svg noenhanced\nset title " +
                                         strata::detail::gnuplot_quoted(text) + "\nplot x notitle\n");
  BOOST_TEST(contains(svg, "`date` @m %s_{2} ^ \\n &lt;b> &amp; $HOME"), svg);
  BOOST_TEST(svg.starts_with("<?xml"));
}

BOOST_AUTO_TEST_CASE(nothing_in_the_folder_or_at_home_is_read, *boost::unit_test::precondition(gnuplot_is_there)) {
  const Folder folder;
  put(folder.file(".gnuplot"), "exit status 7\n");
  const std::string home = std::getenv("HOME") ? std::getenv("HOME") : "";
  setenv("HOME", folder.path.c_str(), 1);
  std::string failure = message_of<Error>([] { Gnuplot().draw("set terminal svg\nplot x\n"); });
  setenv("HOME", home.c_str(), 1);
  BOOST_TEST(failure == "nothing was thrown");
}

BOOST_AUTO_TEST_CASE(images_have_sharp_pixels) {
  const std::string svg = strata::detail::with_sharp_pixels("<image x='1'/><image y='2'/>");
  BOOST_TEST(contains(svg, "pixelated' x='1'"), svg);
  BOOST_TEST(contains(svg, "pixelated' y='2'"), svg);
}

BOOST_AUTO_TEST_SUITE_END()
