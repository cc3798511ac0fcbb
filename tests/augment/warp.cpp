// Places and values of changed images against Keras' (tests/golden/make_keras_augmentation.py), and what is drawn.
#include <strata/augment/warp.hpp>
#include <strata/data/augmenting_loader.hpp>
#include <strata/io/safetensors.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <string>
#include <vector>

#include "io/folder.hpp"

using namespace strata;

namespace {

template <class T>
std::vector<T> golden(const std::string& name) {
  static const safetensors::File file = safetensors::File::read(
      (std::filesystem::path(__FILE__).parent_path() / "../golden/keras_augmentation.bin").string());
  return file.values<T>(name);
}

/// An image of `height` by `width` by `channels`, warped.
std::vector<float> warped(const detail::Warp& w, const Augmentation& a, int height, int width, int channels,
                          const std::vector<float>& image, float mean = 0) {
  std::vector<float> result(image.size());
  const auto at = [&](int y, int x, int c) { return static_cast<std::size_t>((y * width + x) * channels + c); };
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      detail::warp_pixel(
          w, a, height, width, channels, mean, y, x, [&](int r, int q, int c) { return image[at(r, q, c)]; },
          [&](int c, float value) { result[at(y, x, c)] = value; });
  return result;
}

detail::Warp unchanged(int height, int width) {
  detail::Warp w{};
  set_places(w, {.rotation = 0, .shear = 0, .shift_x = 0, .shift_y = 0, .zoom_x = 1, .zoom_y = 1}, height, width);
  w.contrast = w.brightness = 1;
  return w;
}

std::vector<float> ramp(int n) {
  std::vector<float> image(static_cast<std::size_t>(n));
  std::iota(image.begin(), image.end(), 0.0f);
  return image;
}

std::string refusal(const Augmentation& a) {
  return message_of<Error>([&] { a.check(); });
}

const std::string good = "nothing was thrown";

}  // namespace

BOOST_AUTO_TEST_SUITE(warp)

BOOST_AUTO_TEST_CASE(as_in_keras) {
  constexpr int side = 12, channels = 2;
  const std::vector<double> cases = golden<double>("cases");
  const std::vector<float> image = golden<float>("image");
  const std::pair<const char*, Fill> fills[] = {
      {"nearest", Fill::nearest}, {"reflect", Fill::reflect}, {"grid-constant", Fill::constant}};
  for (const auto& [name, fill] : fills)
    for (std::size_t i = 0; i < cases.size() / 6; ++i) {
      const double* of = &cases[6 * i];
      detail::Warp w = unchanged(side, side);
      set_places(
          w, {.rotation = of[0], .shear = of[3], .shift_x = of[1], .shift_y = of[2], .zoom_x = of[4], .zoom_y = of[5]},
          side, side);
      const std::vector<float> got = warped(w, {.fill = fill, .fill_value = 40}, side, side, channels, image);
      const std::vector<float> expected = golden<float>(std::string(name) + "/" + std::to_string(i));
      double worst = 0;
      for (std::size_t k = 0; k < got.size(); ++k)
        worst = std::max(worst, std::abs(static_cast<double>(got[k]) - static_cast<double>(expected[k])));
      // Places are floats: they differ by 1e-6 of a pixel, whose values differ by up to 255.
      BOOST_TEST(worst < 2e-3, name << ", case " << i << ": " << worst);
    }
}

BOOST_AUTO_TEST_CASE(angles) {
  for (int d = -720; d <= 720; ++d) {
    const double degrees = d / 4.0, radians = degrees * 3.14159265358979323846 / 180;
    const detail::Turn t = detail::turn(degrees);
    BOOST_TEST(std::abs(t.sine - std::sin(radians)) < 1e-14, degrees);
    BOOST_TEST(std::abs(t.cosine - std::cos(radians)) < 1e-14, degrees);
  }
  BOOST_TEST(detail::turn(0).sine == 0);
  BOOST_TEST(detail::turn(0).cosine == 1);
}

BOOST_AUTO_TEST_CASE(nothing_changes_without_a_range) {
  BOOST_TEST(!Augmentation{}.works());
  detail::Warp w;
  draw_warp(w, {}, 5, 7, {philox::Key(3), 1, philox::Stream::augmentation, 0}, 2);
  const std::vector<float> image = ramp(5 * 7 * 3);
  BOOST_TEST(warped(w, {}, 5, 7, 3, image) == image);
}

BOOST_AUTO_TEST_CASE(mirrors_and_crops) {
  const std::vector<float> image = ramp(3 * 4);
  detail::Warp w = unchanged(3, 4);
  detail::Geometry g{.rotation = 0, .shear = 0, .shift_x = 0, .shift_y = 0, .zoom_x = 1, .zoom_y = 1, .flip_x = -1};
  set_places(w, g, 3, 4);
  BOOST_TEST(warped(w, {}, 3, 4, 1, image) == (std::vector<float>{3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8}));
  g.flip_x = 1;
  g.flip_y = -1;
  set_places(w, g, 3, 4);
  BOOST_TEST(warped(w, {}, 3, 4, 1, image) == (std::vector<float>{8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3}));
  g.flip_y = 1;
  g.crop_x = 1;
  g.crop_y = -1;
  set_places(w, g, 3, 4);
  const Augmentation constant{.fill = Fill::constant, .fill_value = -5};
  BOOST_TEST(warped(w, constant, 3, 4, 1, image) == (std::vector<float>{-5, -5, -5, -5, 1, 2, 3, -5, 5, 6, 7, -5}));
  BOOST_TEST(warped(w, {.fill = Fill::reflect}, 3, 4, 1, image) ==
             (std::vector<float>{1, 2, 3, 3, 1, 2, 3, 3, 5, 6, 7, 7}));
}

BOOST_AUTO_TEST_CASE(what_is_drawn_stays_within_its_range) {
  const Augmentation a{.rotation = 30, .zoom = 0.2, .crop = 2, .flip_x = true, .contrast = 0.5, .brightness = 0.25};
  int mirrored = 0;
  double least_zoom = 9, most_zoom = 0, least_brightness = 9, most_brightness = 0;
  for (std::uint32_t sample = 0; sample < 500; ++sample) {
    detail::Warp w;
    draw_warp(w, a, 28, 28, {philox::Key(3), 9, philox::Stream::augmentation, 0}, sample);
    const double zoom = std::hypot(static_cast<double>(w.xx), static_cast<double>(w.yx));
    const double angle = std::atan2(static_cast<double>(w.yx), std::abs(static_cast<double>(w.xx)));
    BOOST_REQUIRE(std::abs(angle) <= 30.001 * 3.14159265 / 180);
    least_zoom = std::min(least_zoom, zoom);
    most_zoom = std::max(most_zoom, zoom);
    least_brightness = std::min(least_brightness, static_cast<double>(w.brightness));
    most_brightness = std::max(most_brightness, static_cast<double>(w.brightness));
    mirrored += w.xx < 0;
    // The centre moves by whole pixels alone.
    const float x = w.xx * 13.5f + w.xy * 13.5f + w.x0 - 13.5f;
    BOOST_REQUIRE(std::abs(x - std::round(x)) < 1e-4f);
    BOOST_REQUIRE(std::abs(x) < 2.5f);
  }
  BOOST_TEST(least_zoom >= 0.7999);
  BOOST_TEST(least_zoom < 0.81);
  BOOST_TEST(most_zoom <= 1.2001);
  BOOST_TEST(most_zoom > 1.19);
  BOOST_TEST(least_brightness >= 0.7499);
  BOOST_TEST(most_brightness > 1.24);
  BOOST_TEST(std::abs(mirrored - 250) < 50);
}

BOOST_AUTO_TEST_CASE(an_elastic_grid_bends_smoothly) {
  const Augmentation a{.elastic = 2};
  detail::Warp w;
  draw_warp(w, a, 28, 28, {philox::Key(3), 1, philox::Stream::augmentation, 0}, 0);
  double largest = 0, jump = 0;
  for (int y = 0; y < 28; ++y)
    for (int x = 0; x + 1 < 28; ++x) {
      const detail::Point p = point_of(w, 28, 28, y, x), q = point_of(w, 28, 28, y, x + 1);
      largest = std::max({largest, std::abs(static_cast<double>(p.x) - x), std::abs(static_cast<double>(p.y) - y)});
      jump = std::max(jump, std::abs(static_cast<double>(q.x - p.x) - 1));
    }
  BOOST_TEST(largest > 0.3);
  BOOST_TEST(largest <= 2);
  BOOST_TEST(jump < 0.6);  // a cell is 7 pixels
  for (float& b : w.bend[0]) b = 1;
  for (auto& knot : w.bend) knot[0] = knot[1] = 1;  // one way everywhere is a shift
  const detail::Point p = point_of(w, 28, 28, 5, 20);
  BOOST_TEST(std::abs(p.x - 21) < 1e-4f);
  BOOST_TEST(std::abs(p.y - 6) < 1e-4f);
}

BOOST_AUTO_TEST_CASE(bytes_are_clipped_and_preprocessed) {
  using In = Input<2, 3, 3, Caffe>;
  std::vector<std::uint8_t> bytes(2 * 3 * 3);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 15);
  const Dataset data = Dataset::view(In::output().shape, bytes);
  std::vector<float> plain(18), augmented(18);
  const philox::Draw draw{philox::Key(3), 1, philox::Stream::augmentation, 0};
  Loader<In>().load(data.image(0), plain.data());
  AugmentingLoader<In>({}).load(data.image(0), draw, 0, augmented.data());
  BOOST_TEST(plain == augmented);
  const Augmentation brighter{.brightness = 1};
  bool is_clipped = false;
  for (std::uint32_t place = 0; place < 8; ++place) {
    AugmentingLoader<In>(brighter).load(data.image(0), draw, place, augmented.data());
    detail::Warp w;
    draw_warp(w, brighter, 2, 3, draw, place);
    for (int i = 0; i < 18; ++i) {
      const int c = i % 3;
      const double byte = bytes[static_cast<std::size_t>(i - c + 2 - c)];
      const double value = std::min(255.0, byte * static_cast<double>(w.brightness)) + Caffe::offset(c);
      BOOST_TEST(std::abs(static_cast<double>(augmented[static_cast<std::size_t>(i)]) - value) < 1e-4);
      is_clipped = is_clipped || byte * static_cast<double>(w.brightness) > 255;
    }
  }
  BOOST_TEST(is_clipped);
}

BOOST_AUTO_TEST_CASE(contrast_keeps_the_mean) {
  using In = Input<4, 4, 1>;
  std::vector<float> floats = ramp(16), to(16);
  const Dataset data = Dataset::view(In::output().shape, floats);
  const philox::Draw draw{philox::Key(3), 1, philox::Stream::augmentation, 0};
  const Augmentation a{.contrast = 0.75};
  AugmentingLoader<In>(a).load(data.image(0), draw, 5, to.data());
  detail::Warp w;
  draw_warp(w, a, 4, 4, draw, 5);
  BOOST_TEST(std::abs(w.contrast - 1) > 0.05f);
  for (std::size_t i = 0; i < 16; ++i) BOOST_TEST(std::abs(to[i] - (7.5f + (floats[i] - 7.5f) * w.contrast)) < 1e-5f);
}

BOOST_AUTO_TEST_CASE(out_of_range) {
  BOOST_TEST(refusal({}) == good);
  BOOST_TEST(refusal({.rotation = 180, .shift_x = 1, .zoom = 0.5, .elastic = 3}) == good);
  BOOST_TEST(refusal({.rotation = -1}) == "Augmentation: rotation must lie between 0 and 180");
  BOOST_TEST(refusal({.shift_y = 1.5}) == "Augmentation: shift_y must lie between 0 and 1");
  BOOST_TEST(refusal({.shear = 90}) != good);
  BOOST_TEST(refusal({.zoom = 1}) == "Augmentation: zoom must be at least 0 and below 1");
  BOOST_TEST(refusal({.crop = -1}) != good);
  BOOST_TEST(refusal({.elastic_cells = 5}) == "Augmentation: elastic_cells must lie between 1 and 4");
  BOOST_TEST(refusal({.contrast = std::nan("")}) != good);
  BOOST_TEST(refusal({.brightness = 2}) != good);
  BOOST_TEST(refusal({.fill_value = HUGE_VAL}) == "Augmentation: fill_value must be finite");
}

BOOST_AUTO_TEST_SUITE_END()
