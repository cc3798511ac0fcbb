// Points of grids and random searches.
#include <strata/selection/points.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "io/folder.hpp"

using namespace strata;

BOOST_AUTO_TEST_SUITE(points)

BOOST_AUTO_TEST_CASE(a_grid_is_every_combination) {
  const std::vector<Point> points = grid({{"batch", {32, 64}}, {"epochs", {6, 10, 12}}});
  BOOST_REQUIRE(points.size() == 6u);
  BOOST_TEST(to_string(points[0]) == "batch 32, epochs 6");
  BOOST_TEST(to_string(points[1]) == "batch 32, epochs 10");
  BOOST_TEST(to_string(points[5]) == "batch 64, epochs 12");
  BOOST_TEST(points[5]["batch"] == 64);
  BOOST_TEST(message_of<Error>([&] { points[0]["rate"]; }) ==
             "there is no hyper-parameter 'rate'; there are: batch, epochs");
  BOOST_TEST(message_of<Error>([&] { grid({{"batch", {}}}); }) == "grid: the axis 'batch' has no value");
  BOOST_TEST(grid({}).size() == 1u);
  BOOST_TEST(message_of<Error>([&] {
               grid({{"batch", {32}}, {"epochs", {6}}, {"batch", {64}}});
             }) == "grid: 'batch' is there twice");
  BOOST_TEST(message_of<Error>([&] {
               grid({{"batch", {32, 64, 32}}});
             }) == "grid: 'batch 32' is there twice (names of values have six digits)");
  BOOST_TEST(message_of<Error>([&] {
               grid({{"rate", {0.1234567, 0.1234571}}});
             }) == "grid: 'rate 0.123457' is there twice (names of values have six digits)");
}

BOOST_AUTO_TEST_CASE(random_points_fill_their_ranges) {
  const std::vector<Range> ranges = {
      {"rate", 1e-4, 1e-1, Spread::logarithmic}, {"units", 3, 6, Spread::whole}, {"dropout", 0.2, 0.5}};
  const std::vector<Point> points = random_points(ranges, 400, 7);
  int small = 0, counts[4] = {};
  double sum = 0;
  for (const Point& p : points) {
    BOOST_REQUIRE(p["rate"] >= 1e-4);
    BOOST_REQUIRE(p["rate"] <= 1e-1);
    small += p["rate"] < std::sqrt(1e-5);
    BOOST_REQUIRE(p["units"] == std::floor(p["units"]));
    ++counts[static_cast<int>(p["units"]) - 3];
    sum += p["dropout"];
  }
  BOOST_TEST(std::abs(small - 200) < 40);  // half of them in the lower half of the logarithms
  for (const int n : counts) BOOST_TEST(std::abs(n - 100) < 35);
  BOOST_TEST(std::abs(sum / 400 - 0.35) < 0.02);
  BOOST_TEST(random_points(ranges, 400, 7)[399]["rate"] == points[399]["rate"]);
  BOOST_TEST(random_points(ranges, 400, 8)[399]["rate"] != points[399]["rate"]);
  BOOST_TEST(message_of<Error>([&] {
               random_points({{"rate", 0, 1, Spread::logarithmic}}, 1, 1);
             }) ==
             "random_points: the range of 'rate' must go from a smaller to a larger number, above 0 where it is "
             "logarithmic");
}

BOOST_AUTO_TEST_CASE(random_points_differ) {
  const std::vector<Range> units = {{"units", 1, 12, Spread::whole}};
  const std::vector<Point> points = random_points(units, 12, 3);
  BOOST_REQUIRE(points.size() == 12u);
  bool has[13] = {};
  for (const Point& p : points) has[static_cast<int>(p["units"])] = true;
  for (int n = 1; n <= 12; ++n) BOOST_TEST(has[n], n);
  BOOST_TEST(message_of<Error>([&] { random_points(units, 13, 3); }) ==
             "random_points: 13 different points were asked for, and 2300 draws gave 12; ask for fewer, or widen the "
             "ranges");
  // They are one where their names are one.
  BOOST_TEST(message_of<Error>([&] { random_points({{"rate", 1, 1 + 1e-9}}, 2, 3); }) != "nothing was thrown");
  BOOST_TEST(message_of<Error>([&] {
               random_points({{"rate", 0, 1}, {"rate", 0, 1}}, 1, 1);
             }) == "random_points: 'rate' is there twice");
}

BOOST_AUTO_TEST_CASE(random_points_stay_in_their_ranges) {
  for (const double end : {0.5, 2.5})
    BOOST_TEST(message_of<Error>([&] {
                 random_points({{"units", std::min(end, 1.0), std::max(end, 2.0), Spread::whole}}, 1, 1);
               }) == "random_points: the range of 'units' must begin and end with a whole number");
  for (const double end : {std::numeric_limits<double>::infinity(), 1e308})
    BOOST_TEST(message_of<Error>([&] {
                 random_points({{"rate", -end, end}}, 1, 1);
               }) ==
               "random_points: the range of 'rate' must go from a smaller to a larger number, above 0 where it is "
               "logarithmic");
  // Neighbours: the power between them rounds to beyond the larger.
  const double from = 6.860758462039021, to = std::nextafter(from, 7.0);
  const std::vector<Range> narrow = {{"rate", from, to, Spread::logarithmic}, {"x", 0, 1}};
  for (const Point& p : random_points(narrow, 200, 5)) {
    BOOST_TEST(p["rate"] >= from);
    BOOST_TEST(p["rate"] <= to);
  }
}

BOOST_AUTO_TEST_SUITE_END()
