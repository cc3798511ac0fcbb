// Parts of pictures: where torchvision takes them, and how often from where.
#include <strata/data/crop.hpp>

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <vector>

using namespace strata;

namespace {

/// Pixel (y, x) is 16 * y + x.
Picture places(int height, int width) {
  Picture p{Shape::image(height, width, 1), {}};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) p.bytes.push_back(static_cast<std::uint8_t>(16 * y + x));
  return p;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(crop)

// Where center_crop begins, worked out from its formula, int(round((has - wanted) / 2.0)), and its border.
BOOST_AUTO_TEST_CASE(the_middle_is_torchvisions) {
  const int cases[][3] = {{8, 4, 2}, {5, 4, 0}, {6, 5, 0}, {7, 4, 2}, {9, 4, 2}, {11, 4, 4}, {4, 4, 0}};
  for (const auto& [has, wanted, begin] : cases)
    BOOST_TEST(int{centre_crop(places(1, has), 1, wanted).bytes[0]} == begin);
  const std::vector<std::uint8_t> one_more_behind{9, 0, 1, 9, 9}, both{9, 0, 9};
  BOOST_TEST(centre_crop(places(1, 2), 1, 5, 9).bytes == one_more_behind, boost::test_tools::per_element());
  BOOST_TEST(centre_crop(places(1, 1), 1, 3, 9).bytes == both, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(borders) {
  const std::vector<std::uint8_t> wanted{7, 7, 7, 7, 7, 0, 1, 7};
  const Picture p = padded(places(1, 2), 1, 1, 1, 0, 7);
  BOOST_TEST((p.shape == Shape::image(2, 4, 1)));
  BOOST_TEST(p.bytes == wanted, boost::test_tools::per_element());
  BOOST_CHECK_THROW(padded(places(1, 2), -1, 0, 0, 0), Error);
}

BOOST_AUTO_TEST_CASE(random_places_come_up_alike) {
  const Picture p = places(6, 7);
  std::array<int, 16 * 16> count{};
  constexpr int draws = 12'000;
  for (int i = 0; i < draws; ++i) {
    const Picture part = random_crop(p, 4, 3, 1, static_cast<std::uint64_t>(i));
    BOOST_REQUIRE((part.shape == Shape::image(4, 3, 1)));
    BOOST_REQUIRE(part.bytes[11] == part.bytes[0] + 3 * 16 + 2);
    ++count[part.bytes[0]];
  }
  int seen = 0;
  for (int y = 0; y < 3; ++y)
    for (int x = 0; x < 5; ++x) {
      const int n = count[static_cast<std::size_t>(16 * y + x)];
      seen += n;
      BOOST_TEST(std::abs(n - draws / 15) < 140);  // five times the deviation
    }
  BOOST_TEST(seen == draws);
  BOOST_TEST(random_crop(p, 4, 3, 1, 7).bytes == random_crop(p, 4, 3, 1, 7).bytes);
  BOOST_TEST(random_crop(p, 6, 7, 1, 7).bytes == p.bytes);
  BOOST_CHECK_THROW(random_crop(p, 7, 7, 1, 0), Error);
}

BOOST_AUTO_TEST_CASE(random_sizes_keep_to_areas_and_ratios) {
  // Columns tell their place: the part that was taken shows in its first and last pixel.
  Picture p{Shape::image(100, 100, 2), {}};
  for (int y = 0; y < 100; ++y)
    for (int x = 0; x < 100; ++x) {
      p.bytes.push_back(static_cast<std::uint8_t>(y));
      p.bytes.push_back(static_cast<std::uint8_t>(x));
    }
  const RandomCrops crops{.per_picture = 1, .least_area = .25, .most_area = .5, .seed = 3};
  double least = 1, most = 0, narrow = 9, wide = 0, sum_x = 0;
  constexpr int draws = 2000;
  for (int i = 0; i < draws; ++i) {
    // Enlarged to squares, pixels stay as they are.
    const Picture part = random_resized_crop(p, 100, 100, crops, static_cast<std::uint64_t>(i), Resample::area);
    const double y = part.bytes[part.bytes.size() - 2] - part.bytes[0] + 1, x = part.bytes.back() - part.bytes[1] + 1;
    const double area = y * x / 10'000;
    least = std::min(least, area);
    most = std::max(most, area);
    narrow = std::min(narrow, x / y);
    wide = std::max(wide, x / y);
    sum_x += part.bytes[1] + x / 2;
  }
  BOOST_TEST(least > .235);  // sides are whole pixels
  BOOST_TEST(least < .26);
  BOOST_TEST(most < .515);
  BOOST_TEST(most > .49);
  BOOST_TEST(narrow > .73);
  BOOST_TEST(narrow < .77);
  BOOST_TEST(wide < 1.37);
  BOOST_TEST(wide > 1.3);
  BOOST_TEST(std::abs(sum_x / draws - 50) < 1.5);
}

BOOST_AUTO_TEST_CASE(a_strip_gives_the_largest_part_of_allowed_proportions) {
  Picture strip{Shape::image(1, 9, 1), {1, 2, 3, 4, 5, 6, 7, 8, 9}};
  const Picture part = random_resized_crop(strip, 1, 1, {.per_picture = 1, .least_area = 1}, 0);
  BOOST_TEST(int{part.bytes[0]} == 5);
  BOOST_CHECK_THROW(random_resized_crop(strip, 1, 1, {.least_ratio = 0}, 0), Error);
  BOOST_CHECK_THROW(random_resized_crop(strip, 1, 1, {.least_area = .5, .most_area = .4}, 0), Error);
}

BOOST_AUTO_TEST_SUITE_END()
