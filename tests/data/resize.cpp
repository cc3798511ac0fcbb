// Pictures of other sizes and channels: against Pillow, and by rules that need no other library.
#include <strata/core/file.hpp>
#include <strata/data/resize.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

using namespace strata;

namespace {

Picture noise(int height, int width, int channels) {
  Picture p{Shape::image(height, width, channels), {}};
  std::uint32_t state = 7;
  for (std::int64_t i = 0; i < p.shape.size(); ++i)
    p.bytes.push_back(static_cast<std::uint8_t>((state = state * 1664525u + 1013904223u) >> 24));
  return p;
}

/// The largest difference of two bytes at the same place.
int apart(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
  BOOST_REQUIRE(a.size() == b.size());
  int worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(int{a[i]} - int{b[i]}));
  return worst;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(resize)

BOOST_AUTO_TEST_CASE(bilinear_is_pillows) {
  const std::string golden = (std::filesystem::path(__FILE__).parent_path() / "../golden/pillow.bin").string();
  const std::vector<std::byte> file = read_file(golden);
  std::size_t at = 0;
  int pictures = 0;
  const auto take = [&](std::size_t count) {
    const auto* from = reinterpret_cast<const std::uint8_t*>(file.data()) + at;
    at += count;
    BOOST_REQUIRE(at <= file.size());
    return std::vector<std::uint8_t>(from, from + count);
  };
  for (; at < file.size(); ++pictures) {
    std::int32_t n[5];
    std::memcpy(n, take(sizeof n).data(), sizeof n);
    Picture from{Shape::image(n[0], n[1], n[2]), {}};
    from.bytes = take(static_cast<std::size_t>(from.shape.size()));
    const auto expected = take(static_cast<std::size_t>(n[3] * n[4] * n[2]));
    // Pillow rounds to bytes between the two axes as well.
    BOOST_TEST(apart(resized(from, n[3], n[4]).bytes, expected) <= 1, n[0] << " x " << n[1]);
  }
  BOOST_TEST(pictures == 5);
}

BOOST_AUTO_TEST_CASE(the_same_size_is_the_same_picture) {
  const Picture p = noise(5, 8, 3);
  BOOST_TEST(resized(p, 5, 8).bytes == p.bytes, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(area_is_the_mean_of_what_a_pixel_covers) {
  const Picture p{Shape::image(2, 4, 1), {10, 20, 30, 40, 50, 60, 70, 80}};
  const std::vector<std::uint8_t> halves{35, 55}, thirds{37, 45, 53};
  BOOST_TEST(resized(p, 1, 2, Resample::area).bytes == halves, boost::test_tools::per_element());
  // Each of three covers 4/3 of a pixel: (10 + 20/3) / (4/3) = 12.5 above, 52.5 below, 32.5 in the mean.
  BOOST_TEST(resized(p, 1, 3, Resample::area).bytes[0] == 33);
  const Picture two{Shape::image(1, 2, 1), {0, 200}};
  const std::vector<std::uint8_t> squares{0, 0, 200, 200};
  BOOST_TEST(resized(two, 1, 4, Resample::area).bytes == squares, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_flat_picture_stays_flat) {
  Picture p{Shape::image(7, 11, 3), std::vector<std::uint8_t>(7 * 11 * 3, 201)};
  for (const Resample how : {Resample::bilinear, Resample::area})
    for (const int size : {1, 3, 40})
      for (const std::uint8_t byte : resized(p, size, size + 1, how).bytes) BOOST_REQUIRE(byte == 201);
}

BOOST_AUTO_TEST_CASE(cut_outs_reach_beyond_the_picture) {
  const Picture p{Shape::image(2, 2, 1), {1, 2, 3, 4}};
  const std::vector<std::uint8_t> around{9, 9, 9, 9, 9, 1, 2, 9, 9, 3, 4, 9, 9, 9, 9, 9}, inside{4};
  BOOST_TEST(cropped(p, -1, -1, 4, 4, 9).bytes == around, boost::test_tools::per_element());
  BOOST_TEST(cropped(p, 1, 1, 1, 1).bytes == inside, boost::test_tools::per_element());
  for (const std::uint8_t byte : cropped(p, 5, -7, 2, 3, 6).bytes) BOOST_TEST(byte == 6);
}

BOOST_AUTO_TEST_CASE(channels) {
  const std::vector<std::uint8_t> grey{128}, colour{10, 20, 30}, on_paper{133, 138, 143};
  BOOST_TEST(with_channels({Shape::image(1, 1, 3), {128, 128, 128}}, 1).bytes == grey,
             boost::test_tools::per_element());
  BOOST_TEST(with_channels({Shape::image(1, 1, 4), {10, 20, 30, 255}}, 3).bytes == colour,
             boost::test_tools::per_element());
  BOOST_TEST(with_channels({Shape::image(1, 1, 4), {10, 20, 30, 127}}, 3).bytes == on_paper,
             boost::test_tools::per_element());  // half transparent: (10 + 255) / 2
  BOOST_TEST(with_channels({Shape::image(1, 1, 1), {77}}, 3).bytes == std::vector<std::uint8_t>(3, 77),
             boost::test_tools::per_element());
  BOOST_CHECK_THROW(with_channels(noise(2, 2, 3), 2), Error);
}

BOOST_AUTO_TEST_CASE(proportions) {
  // White on the left half, black on the right: 4 x 8.
  Picture p{Shape::image(4, 8, 1), {}};
  for (int y = 0; y < 4; ++y)
    for (int x = 0; x < 8; ++x) p.bytes.push_back(x < 4 ? 255 : 0);
  const Shape square = Shape::image(4, 4, 1);
  const std::vector<std::uint8_t> middle{255, 255, 0, 0};
  const Picture crop = fitted(p, square, Fit::crop), pad = fitted(p, square, Fit::pad, Resample::area);
  BOOST_TEST(std::vector<std::uint8_t>(crop.bytes.begin(), crop.bytes.begin() + 4) == middle,
             boost::test_tools::per_element());
  const std::vector<std::uint8_t> padded{0, 0, 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 0, 0, 0, 0};
  BOOST_TEST(pad.bytes == padded, boost::test_tools::per_element());
  BOOST_TEST((fitted(p, Shape::image(2, 3, 3)).shape == Shape::image(2, 3, 3)));
}

BOOST_AUTO_TEST_CASE(extremes) {
  const Picture strip = noise(100'000, 1, 1);
  for (const Fit fit : {Fit::stretch, Fit::pad})
    BOOST_TEST(fitted(strip, Shape::image(32, 32, 3), fit).bytes.size() == 32u * 32 * 3);
  BOOST_CHECK_EXCEPTION(fitted(strip, Shape::image(256, 256, 3), Fit::crop), Error, [](const Error& e) {
    return std::string(e.what()).find("too long and thin") != std::string::npos;
  });
  BOOST_CHECK_THROW(resized(strip, 0, 5), Error);
  BOOST_CHECK_THROW(resized({Shape::image(2, 2, 1), {1, 2}}, 1, 1), Error);
}

BOOST_AUTO_TEST_SUITE_END()
