// Synthetic digits: one seed gives one set whole or in parts, balanced, in MNIST's form, learnable but not trivial.
#include <strata/data/synthetic_digits.hpp>

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <span>
#include <vector>

using strata::Dataset;
using strata::Sample;
using strata::Shape;
using strata::synthetic_digits;

namespace {

bool equal(const Dataset& a, const Dataset& b) {
  return std::ranges::equal(a.bytes(), b.bytes()) && std::ranges::equal(a.labels(), b.labels());
}

// Ink, in white pixels, and its centre in pixels from the upper left corner.
struct Mass {
  double ink = 0, x = 0, y = 0;
};

Mass mass_of(const Sample& image) {
  Mass mass;
  for (std::size_t i = 0; i < image.bytes.size(); ++i) {
    const double value = image.bytes[i] / 255.;
    mass.ink += value;
    mass.x += value * (static_cast<double>(i % 28) + .5);
    mass.y += value * (static_cast<double>(i / 28) + .5);
  }
  mass.x /= mass.ink;
  mass.y /= mass.ink;
  return mass;
}

double squared_distance(std::span<const double> a, const Sample& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b.bytes[i]) * (a[i] - b.bytes[i]);
  return sum;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(synthetic)

BOOST_AUTO_TEST_CASE(have_the_form_of_mnist) {
  const Dataset data = synthetic_digits(20, 1);
  BOOST_TEST((data.shape() == Shape::image(28, 28, 1)));
  BOOST_TEST(data.size() == 20);
  BOOST_TEST(data.classes() == 10);
  BOOST_TEST(data.holds_bytes());
  BOOST_TEST(synthetic_digits(0, 1).empty());
}

BOOST_AUTO_TEST_CASE(depend_on_seed_and_number_alone) {
  const Dataset whole = synthetic_digits(57, 42);
  BOOST_TEST(equal(whole, synthetic_digits(57, 42)));
  BOOST_TEST(equal(whole.slice(0, 13), synthetic_digits(13, 42)));
  BOOST_TEST(equal(whole.slice(13, 44), synthetic_digits(44, 42, 13)));
  BOOST_TEST(!std::ranges::equal(whole.bytes(), synthetic_digits(57, 43).bytes()));
  BOOST_TEST(!std::ranges::equal(whole.labels(), synthetic_digits(57, 43).labels()));
  // Numbers and seeds beyond 32 bits are told apart.
  constexpr std::uint64_t far = std::uint64_t{1} << 32;
  std::array<std::uint8_t, 784> near_image{}, far_number{}, far_seed{};
  strata::detail::draw_digit(42, 5, 8, near_image);
  strata::detail::draw_digit(42, far + 5, 8, far_number);
  strata::detail::draw_digit(42 + far, 5, 8, far_seed);
  BOOST_TEST((near_image != far_number));
  BOOST_TEST((near_image != far_seed));
}

BOOST_AUTO_TEST_CASE(are_balanced_and_mixed) {
  const Dataset data = synthetic_digits(1000, 3);
  std::set<std::vector<std::int32_t>> orders;
  for (std::int64_t ten = 0; ten < 100; ++ten) {
    const auto labels = data.slice(10 * ten, 10).labels();
    BOOST_TEST((std::set<std::int32_t>(labels.begin(), labels.end()).size() == 10u));
    orders.insert(std::vector<std::int32_t>(labels.begin(), labels.end()));
  }
  BOOST_TEST(orders.size() == 100u);
}

BOOST_AUTO_TEST_CASE(no_two_are_alike) {
  const Dataset data = synthetic_digits(2000, 4);
  std::set<std::vector<std::uint8_t>> images;
  for (std::int64_t i = 0; i < data.size(); ++i) {
    images.insert(std::vector<std::uint8_t>(data.image(i).bytes.begin(), data.image(i).bytes.end()));
  }
  BOOST_TEST(images.size() == 2000u);
}

BOOST_AUTO_TEST_CASE(are_white_strokes_centred_on_black) {
  const Dataset data = synthetic_digits(2000, 5);
  double ink = 0, off_centre = 0;
  std::size_t grey = 0;
  for (std::int64_t i = 0; i < data.size(); ++i) {
    const Sample image = data.image(i);
    const Mass mass = mass_of(image);
    ink += mass.ink / 784;
    off_centre += std::hypot(mass.x - 14, mass.y - 14);
    BOOST_TEST(mass.ink > 20, "image " << i << " holds " << mass.ink << " pixels of ink");
    BOOST_TEST(mass.ink < 320, "image " << i << " holds " << mass.ink << " pixels of ink");
    BOOST_TEST(std::hypot(mass.x - 14, mass.y - 14) < 3, "image " << i);
    BOOST_TEST(*std::max_element(image.bytes.begin(), image.bytes.end()) > 180, "image " << i);
    for (std::size_t k : {0u, 27u, 756u, 783u}) BOOST_TEST(image.bytes[k] == 0);
    for (std::uint8_t value : image.bytes) grey += value > 0 && value < 255;
  }
  // MNIST's mean is .1307 of white, and 13 % of its pixels are grey.
  BOOST_TEST(ink / 2000 > .1);
  BOOST_TEST(ink / 2000 < .17);
  BOOST_TEST(off_centre / 2000 < 1);
  BOOST_TEST(static_cast<double>(grey) / (2000 * 784) > .06, "edges are smooth");
  BOOST_TEST(static_cast<double>(grey) / (2000 * 784) < .2, "edges are sharp");
}

// The nearest mean image, a linear classifier, gets .82 of MNIST right. Digits that are all alike would give 1, labels
// that do not fit .1.
BOOST_AUTO_TEST_CASE(are_learnable_but_not_trivial) {
  const Dataset train = synthetic_digits(4000, 6), test = synthetic_digits(1000, 6, 4000);
  std::array<std::vector<double>, 10> means;
  means.fill(std::vector<double>(784));
  for (std::int64_t i = 0; i < train.size(); ++i) {
    auto& mean = means[static_cast<std::size_t>(train.label(i))];
    for (std::size_t k = 0; k < 784; ++k) mean[k] += train.image(i).bytes[k] / 400.;
  }
  std::array<int, 10> right{};
  for (std::int64_t i = 0; i < test.size(); ++i) {
    std::size_t nearest = 0;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t digit = 0; digit < 10; ++digit) {
      const double distance = squared_distance(means[digit], test.image(i));
      if (distance < least) {
        least = distance;
        nearest = digit;
      }
    }
    if (static_cast<std::int32_t>(nearest) == test.label(i)) ++right[nearest];
  }
  int sum = 0;
  for (int count : right) {
    BOOST_TEST(count > 40);
    sum += count;
  }
  BOOST_TEST(sum > 700, sum);
  BOOST_TEST(sum < 900, sum);
}

// Ink of the first images of seed 1, in white pixels: another sequence of random numbers or other strokes change them.
BOOST_AUTO_TEST_CASE(known_answers) {
  const Dataset data = synthetic_digits(6, 1);
  constexpr std::array labels = {7, 0, 4, 1, 9, 5};
  constexpr std::array ink = {89.698, 95.616, 69.302, 65.675, 130.898, 62.384};
  for (std::size_t i = 0; i < labels.size(); ++i) {
    BOOST_TEST(data.label(static_cast<std::int64_t>(i)) == labels[i]);
    BOOST_TEST(mass_of(data.image(static_cast<std::int64_t>(i))).ink == ink[i], boost::test_tools::tolerance(1e-3));
  }
}

BOOST_AUTO_TEST_CASE(refuses_counts_that_are_none) {
  BOOST_CHECK_THROW(synthetic_digits(-1, 1), strata::Error);
  BOOST_CHECK_THROW(synthetic_digits(std::numeric_limits<std::int64_t>::max(), 1), strata::Error);
  BOOST_CHECK_THROW(synthetic_digits(1, 1, -1), strata::Error);
}

BOOST_AUTO_TEST_SUITE_END()
