// A digit in a picture becomes the same MNIST image whatever the picture's size, polarity, colours, light and noise.
#include <strata/core/philox.hpp>
#include <strata/data/digit_image.hpp>
#include <strata/data/synthetic_digits.hpp>

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

using strata::digit_image;
using strata::DigitImage;
using strata::Sample;
using strata::Shape;

namespace {

struct Bytes {
  Shape shape;
  std::vector<std::uint8_t> values;
  Sample sample() const { return {shape, values, {}}; }
};

Bytes blank(int height, int width, int channels = 1, std::uint8_t value = 200) {
  const Shape shape = Shape::image(height, width, channels);
  return {shape, std::vector<std::uint8_t>(static_cast<std::size_t>(shape.size()), value)};
}

// Ink of a synthetic digit, 0 to 1, at a place of the unit square, interpolated between its pixels.
class Drawing {
 public:
  explicit Drawing(std::int64_t which) : set_(strata::synthetic_digits(which + 1, 7)), image_(set_.image(which)) {}

  double ink(double y, double x) const {
    const auto at = [&](double v, double u) {
      const int row = static_cast<int>(v), column = static_cast<int>(u);
      const bool inside = v >= 0 && u >= 0 && row < 28 && column < 28;
      return inside ? image_.bytes[static_cast<std::size_t>(row * 28 + column)] / 255. : 0.;
    };
    const double v = y * 28 - .5, u = x * 28 - .5, fv = v - std::floor(v), fu = u - std::floor(u);
    const double v0 = std::floor(v), u0 = std::floor(u);
    return (1 - fv) * ((1 - fu) * at(v0, u0) + fu * at(v0, u0 + 1)) +
           fv * ((1 - fu) * at(v0 + 1, u0) + fu * at(v0 + 1, u0 + 1));
  }
  Sample sample() const { return image_; }

 private:
  strata::Dataset set_;
  Sample image_;
};

// A grey picture of `side` x `side`, each value from ink, row and column (0 to 1) and a random number from -1 to 1.
template <class Light>
Bytes photograph(const Drawing& drawing, int side, Light light) {
  Bytes picture = blank(side, side);
  const strata::philox::Draw draw{strata::philox::Key(3), 0, strata::philox::Stream::synthetic, 0};
  for (int i = 0; i < side * side; ++i) {
    const double y = (i / side + .5) / side, x = (i % side + .5) / side;
    const double random =
        2. *
            static_cast<double>(strata::philox::uniform(strata::philox::word(draw, 0, static_cast<std::uint32_t>(i)))) -
        1;
    const double value = light(drawing.ink(y, x), y, x, random);
    picture.values[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(std::clamp(value, 0., 255.) + .5);
  }
  return picture;
}

// Mean absolute difference of two images over the ink of the first: 0 where they are equal, about 1.5 for two digits
// that have nothing in common.
double difference(const DigitImage& a, const DigitImage& b) {
  double off = 0, ink = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    off += std::abs(static_cast<double>(a[i]) - b[i]);
    ink += a[i];
  }
  return off / ink;
}

struct Extent {
  int height, width;
  double middle_y, middle_x;  // of the mass
  int brightest;
};

Extent extent_of(const DigitImage& image) {
  int top = 28, left = 28, bottom = 0, right = 0, brightest = 0;
  double mass = 0, y_sum = 0, x_sum = 0;
  for (int y = 0; y < 28; ++y) {
    for (int x = 0; x < 28; ++x) {
      const int v = image[static_cast<std::size_t>(y * 28 + x)];
      mass += v;
      y_sum += v * (y + .5);
      x_sum += v * (x + .5);
      brightest = std::max(brightest, v);
      if (v < 64) continue;
      top = std::min(top, y);
      bottom = std::max(bottom, y + 1);
      left = std::min(left, x);
      right = std::max(right, x + 1);
    }
  }
  return {bottom - top, right - left, y_sum / mass, x_sum / mass, brightest};
}

std::string refusal(const Sample& picture) {
  try {
    digit_image(picture);
  } catch (const strata::Error& e) {
    return e.what();
  }
  return "nothing was thrown";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(digit_images)

BOOST_AUTO_TEST_CASE(have_the_form_of_mnist) {
  for (int which = 0; which < 20; ++which) {
    const Drawing drawing(which);
    const Extent extent = extent_of(digit_image(photograph(drawing, 150, [](double ink, double, double, double random) {
                                                  return 210 - 140 * ink + 4 * random;
                                                }).sample()));
    BOOST_TEST_CONTEXT("digit " << which) {
      BOOST_TEST(std::max(extent.height, extent.width) >= 19);
      BOOST_TEST(std::max(extent.height, extent.width) <= 21);  // 20, not always on whole pixels
      BOOST_TEST(std::abs(extent.middle_x - 14) < .2);
      BOOST_TEST(std::abs(extent.middle_y - 14) < 1.5);  // exact unless the box would leave the frame
      BOOST_TEST(extent.brightest > 230);
    }
  }
}

BOOST_AUTO_TEST_CASE(do_not_depend_on_how_the_picture_was_taken) {
  for (int which = 0; which < 10; ++which) {
    const Drawing drawing(which);
    const DigitImage plain = digit_image(drawing.sample());
    const auto taken = [&](int side, auto light) {
      return difference(plain, digit_image(photograph(drawing, side, light).sample()));
    };
    BOOST_TEST_CONTEXT("digit " << which) {
      BOOST_TEST(taken(28, [](double ink, double, double, double) { return 255 * (1 - ink); }) < .01);
      BOOST_TEST(taken(28, [](double ink, double, double, double) { return 60 + 100 * ink; }) < .1);  // of 100 levels
      BOOST_TEST(taken(140, [](double ink, double, double, double) { return 255 * (1 - ink); }) < .25);
      BOOST_TEST(taken(140, [](double ink, double y, double x, double random) {
                   return 220 - 60 * x - 50 * y - 90 * ink + 8 * random;  // light from one side
                 }) < .25);
      BOOST_TEST(taken(140, [](double ink, double y, double x, double random) {
                   return 230 - 120 * ((x - .5) * (x - .5) + (y - .5) * (y - .5)) - 110 * ink +
                          20 * random;  // dark corners
                 }) < .25);
      BOOST_TEST(taken(700, [](double ink, double, double, double random) { return 190 - 80 * ink + 30 * random; }) <
                 .25);
    }
  }
  const double other = difference(digit_image(Drawing(0).sample()), digit_image(Drawing(1).sample()));
  BOOST_TEST(other > .6);  // the measure tells digits apart
}

BOOST_AUTO_TEST_CASE(do_not_depend_on_where_the_digit_is) {
  const Drawing drawing(4);
  const DigitImage plain = digit_image(drawing.sample());
  for (const auto& [top, left] : {std::pair{0, 0}, {400, 20}, {120, 700}}) {
    Bytes page = blank(700, 1000);
    const Bytes digit = photograph(drawing, 300, [](double ink, double, double, double) { return 200 - 150 * ink; });
    for (std::size_t y = 0; y < 300; ++y)
      std::copy_n(digit.values.begin() + static_cast<std::ptrdiff_t>(y * 300), 300,
                  page.values.begin() + (top + static_cast<std::ptrdiff_t>(y)) * 1000 + left);
    BOOST_TEST(difference(plain, digit_image(page.sample())) < .25);
  }
}

BOOST_AUTO_TEST_CASE(take_colours_and_transparency) {
  const Drawing drawing(2);
  const Bytes grey = photograph(drawing, 56, [](double ink, double, double, double) { return 255 * (1 - ink); });
  const DigitImage wanted = digit_image(grey.sample());
  Bytes blue = blank(56, 56, 3), clear = blank(56, 56, 4, 0), faint = blank(56, 56, 2, 0);
  for (std::size_t i = 0; i < grey.values.size(); ++i) {
    const std::uint8_t v = grey.values[i];
    blue.values[3 * i] = blue.values[3 * i + 1] = v;
    blue.values[3 * i + 2] = static_cast<std::uint8_t>(155 + v * 100 / 255);
    clear.values[4 * i + 3] = faint.values[2 * i + 1] = static_cast<std::uint8_t>(255 - v);  // black ink on nothing
  }
  BOOST_TEST(difference(wanted, digit_image(blue.sample())) < .02);
  BOOST_TEST(difference(wanted, digit_image(clear.sample())) < .01);
  BOOST_TEST(difference(wanted, digit_image(faint.sample())) < .01);
}

BOOST_AUTO_TEST_CASE(thicken_the_strokes_of_a_thin_pen) {
  Bytes picture = blank(250, 250);
  for (std::size_t i = 0; i < 200; ++i)  // a 7 of lines that are 2 of 200 pixels wide
    for (std::size_t k = 0; k < 2; ++k) {
      picture.values[(25 + k) * 250 + 25 + i / 2] = 40;
      picture.values[(25 + i) * 250 + 125 + k - i / 4] = 40;
    }
  const DigitImage image = digit_image(picture.sample());
  const Extent extent = extent_of(image);
  BOOST_TEST(extent.height >= 19);
  BOOST_TEST(extent.height <= 21);
  BOOST_TEST(extent.brightest > 230);
  double ink = 0;
  for (const std::uint8_t v : image) ink += v / 255.;
  BOOST_TEST(ink > 50);  // about 30 pixels of stroke, 2.2 wide; unthickened it would be 6
  BOOST_TEST(ink < 80);
}

BOOST_AUTO_TEST_CASE(leave_specks_out) {
  const Drawing drawing(6);
  Bytes picture = photograph(drawing, 140, [](double ink, double, double, double) { return 220 - 170 * ink; });
  const DigitImage clean = digit_image(picture.sample());
  for (const std::size_t at : {425u, 18'208u, 972u, 19'035u})  // near the corners
    for (const std::size_t next : {0u, 1u, 140u, 141u}) picture.values[at + next] = 30;
  BOOST_TEST(difference(clean, digit_image(picture.sample())) < .02);
}

BOOST_AUTO_TEST_CASE(are_refused_where_there_is_no_digit) {
  const std::string nothing = "digit_image: no digit stands out from its background";
  BOOST_TEST(refusal(blank(100, 80).sample()).starts_with(nothing));
  BOOST_TEST(refusal(blank(1, 1).sample()).starts_with(nothing));
  const auto faint = [](double strength) {
    return photograph(Drawing(0), 100, [=](double ink, double, double, double) { return 200 - strength * ink; });
  };
  BOOST_TEST(refusal(faint(8).sample()).starts_with(nothing));
  BOOST_TEST(refusal(faint(24).sample()) == "nothing was thrown");
  const Bytes noise =
      photograph(Drawing(0), 200, [](double, double, double, double random) { return 128 + 60 * random; });
  BOOST_TEST(refusal(noise.sample()).starts_with(nothing));
  const Bytes slope =
      photograph(Drawing(0), 200, [](double, double y, double x, double) { return 40 + 100 * x + 80 * y; });
  BOOST_TEST(refusal(slope.sample()).starts_with(nothing));
}

BOOST_AUTO_TEST_CASE(are_refused_where_the_picture_is_none) {
  const std::string form = "digit_image: a picture is height x width x 1 to 4 channels, in bytes";
  const std::vector<std::uint8_t> bytes(60);
  const std::vector<float> floats(60);
  BOOST_TEST(refusal({Shape::image(4, 3, 5), bytes, {}}).starts_with(form));
  BOOST_TEST(refusal({Shape::image(5, 5, 3), bytes, {}}).starts_with(form));
  BOOST_TEST(refusal({Shape::vector(60), bytes, {}}).starts_with(form));
  BOOST_TEST(refusal({Shape::image(4, 5, 3), {}, floats}).starts_with(form));
  BOOST_TEST(refusal({Shape::image(0, 5, 3), {}, {}}).starts_with(form));
}

BOOST_AUTO_TEST_CASE(take_every_size) {
  // Nothing sensible can come of some; they end in an image or an Error, and sanitizers watch.
  int images = 0;
  for (const auto& [height, width] :
       {std::pair{1, 1}, {1, 2}, {2, 1}, {1, 300}, {3000, 1}, {2, 2}, {3, 5}, {28, 27}, {5000, 3}}) {
    for (int dark = 0; dark < 4; ++dark) {
      Bytes picture = blank(height, width);
      for (std::size_t i = 0; i < picture.values.size(); ++i)
        if (static_cast<int>(i * 7 % 5) < dark) picture.values[i] = 20;
      images += refusal(picture.sample()) == "nothing was thrown";
    }
  }
  BOOST_TEST(images > 0);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(grey_pictures)

BOOST_AUTO_TEST_CASE(weigh_the_colours) {
  const std::vector<std::uint8_t> pixels{100, 0, 0, 255, 0, 100, 0, 255, 0, 0, 100, 255, 100, 100, 100, 51};
  const auto grey = strata::detail::grey_of({Shape::image(1, 4, 4), pixels, {}});
  const float wanted[] = {29.9f, 58.7f, 11.4f, 100 * .2f + 255 * .8f};
  for (std::size_t i = 0; i < 4; ++i) BOOST_TEST(std::abs(grey.values[i] - wanted[i]) < 1e-4f);
}

BOOST_AUTO_TEST_CASE(keep_their_level_at_another_size) {
  strata::detail::GreyPicture flat(13, 40);
  std::fill(flat.values.begin(), flat.values.end(), 5.f);
  for (const int side : {1, 3, 13, 50}) {
    const auto other = strata::detail::resample(flat, {2, 1, 30, 12}, side, side);
    for (const float v : other.values) BOOST_TEST(std::abs(v - 5) < 1e-5f);
  }
  strata::detail::GreyPicture steps(2, 3);
  steps.values = {1, 2, 3, 4, 5, 6};
  BOOST_TEST(strata::detail::resample(steps, {0, 0, 3, 2}, 2, 3).values == steps.values);
  BOOST_TEST(std::abs(strata::detail::resample(steps, {1, 0, 3, 2}, 1, 1).values[0] - 4) < 1e-5f);
}

BOOST_AUTO_TEST_CASE(tell_the_light_from_the_ink) {
  strata::detail::GreyPicture picture(60, 50);
  const auto light = [](int y, int x) {
    const float v = static_cast<float>(y) / 60, u = static_cast<float>(x) / 50;
    return 100 + 40 * u - 30 * v + 25 * u * v - 50 * (v - .5f) * (v - .5f);
  };
  for (int y = 0; y < 60; ++y)
    for (int x = 0; x < 50; ++x) picture.at(y, x) = light(y, x) + (y > 20 && y < 40 && x > 15 && x < 30 ? 90.f : 0.f);
  const auto paper = strata::detail::paper_of(picture, 100, 45);
  for (int y = 0; y < 60; y += 7)
    for (int x = 0; x < 50; x += 7) BOOST_TEST(std::abs(paper.at(y, x) - light(y, x)) < .5f);
}

BOOST_AUTO_TEST_CASE(tell_the_width_of_a_stroke) {
  strata::detail::GreyPicture picture(100, 100);
  for (int i = 10; i < 90; ++i)
    for (int k = -4; k < 5; ++k) picture.at(i, std::clamp(i / 2 + 20 + k, 0, 99)) = 1;
  const double across = 9 * std::cos(std::atan(.5));  // 9 pixels of a row, of a line that leans
  BOOST_TEST(static_cast<double>(strata::detail::stroke_width(picture)) == across, boost::test_tools::tolerance(.15));
  BOOST_TEST(strata::detail::stroke_width(strata::detail::GreyPicture(5, 5)) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
