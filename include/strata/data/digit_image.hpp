// A digit in any picture, brought into MNIST's form.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/shape.hpp>
#include <strata/data/dataset.hpp>
#include <strata/data/grey_picture.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace strata {

namespace detail {

inline constexpr int working_side = 256;     // pixels: larger pictures are shrunk to it, which also lowers their noise
inline constexpr int digit_frame = 28;       // pixels of MNIST's frame, each way
inline constexpr int digit_box = 20;         // pixels of the box that MNIST's digits are scaled to
inline constexpr int finer = 8;              // strokes are measured and placed on a grid this much finer
inline constexpr float least_contrast = 12;  // of 255, between ink and paper
inline constexpr float least_signal = 3;     // the same, in deviations of the paper's noise; noise alone comes to 1.4
inline constexpr float thin_stroke = 2.2f;  // pixels of the frame: a quarter of MNIST's digits are thinner, so measured

// The median of a picture's border: what a digit is written on.
inline float border_level(const GreyPicture& picture) {
  std::vector<float> border;
  for (int y = 0; y < picture.height; ++y)
    for (int x = 0; x < picture.width; ++x)
      if (y == 0 || x == 0 || y == picture.height - 1 || x == picture.width - 1) border.push_back(picture.at(y, x));
  return quantile(std::move(border), .5);
}

// The picture in grey and at a size to work at, ink bright.
inline GreyPicture with_bright_ink(const Sample& picture) {
  GreyPicture grey = grey_of(picture);
  const int longest = std::max(grey.height, grey.width);
  if (longest > working_side) {
    const auto size = [&](std::int64_t side) {
      return std::max(1, static_cast<int>((side * working_side + longest / 2) / longest));
    };
    grey = resample(grey, {0, 0, grey.width, grey.height}, size(grey.height), size(grey.width));
  }
  const float paper = border_level(grey);
  const auto [darkest, brightest] = std::minmax_element(grey.values.begin(), grey.values.end());
  if (paper - *darkest >= *brightest - paper)
    for (float& v : grey.values) v = 255 - v;
  return grey;
}

// How ink stands out of a picture whose paper is at 0.
struct InkSignal {
  float contrast;  // mean level of what is clearly ink
  float noise;     // standard deviation of the paper
};

inline InkSignal ink_signal(const GreyPicture& picture) {
  std::vector<float> off = picture.values;
  for (float& v : off) v = std::abs(v);
  const float noise = 1.4826f * quantile(std::move(off), .5);  // as for a normal distribution
  const GreyPicture smooth = smoothed(picture);                // so that one bad pixel does not set the scale
  const float half = *std::max_element(smooth.values.begin(), smooth.values.end()) / 2;
  double sum = 0, count = 0;
  for (const float v : picture.values) {
    if (v <= half) continue;
    sum += static_cast<double>(v);
    ++count;
  }
  return {count > 0 ? static_cast<float>(sum / count) : 0, noise};
}

// Turns brightness into ink, 0 (paper) to 1: a ramp that begins above the paper's noise and ends below the ink's level.
inline void separate_ink(GreyPicture& picture) {
  const auto [darkest, brightest] = std::minmax_element(picture.values.begin(), picture.values.end());
  const GreyPicture paper = paper_of(picture, border_level(picture), std::max((*brightest - *darkest) / 4, 1.f));
  for (std::size_t i = 0; i < picture.values.size(); ++i) picture.values[i] -= paper.values[i];
  InkSignal signal = ink_signal(picture);
  if (signal.contrast < 10 * signal.noise && std::min(picture.height, picture.width) >= 3 * digit_frame) {
    picture = smoothed(picture);
    signal = ink_signal(picture);
  }
  const auto [contrast, noise] = signal;
  if (contrast < least_contrast || contrast < least_signal * noise) {
    throw Error("digit_image: no digit stands out from its background; write it large, in dark ink on plain paper");
  }
  const float low = std::max(.2f * contrast, 3 * noise), high = std::max(.8f * contrast, low + 1);
  for (float& v : picture.values) v = std::clamp((v - low) / (high - low), 0.f, 1.f);
}

// Removes what hangs together and has less than a twentieth of the ink of the largest such piece: dust, letters nearby.
inline void remove_specks(GreyPicture& ink) {
  std::vector<int> piece(ink.values.size(), -1);
  std::vector<float> mass;
  std::vector<std::pair<int, int>> reached;
  for (int y0 = 0; y0 < ink.height; ++y0) {
    for (int x0 = 0; x0 < ink.width; ++x0) {
      if (ink.at(y0, x0) <= 0 || piece[ink.place(y0, x0)] >= 0) continue;
      const int name = static_cast<int>(mass.size());
      mass.push_back(0);
      reached.assign(1, {y0, x0});
      piece[ink.place(y0, x0)] = name;
      while (!reached.empty()) {
        const auto [y, x] = reached.back();
        reached.pop_back();
        mass.back() += ink.at(y, x);
        for (int v = std::max(y - 1, 0); v <= std::min(y + 1, ink.height - 1); ++v) {
          for (int u = std::max(x - 1, 0); u <= std::min(x + 1, ink.width - 1); ++u) {
            if (ink.at(v, u) <= 0 || piece[ink.place(v, u)] >= 0) continue;
            piece[ink.place(v, u)] = name;
            reached.emplace_back(v, u);
          }
        }
      }
    }
  }
  const float least = mass.empty() ? 0 : .05f * *std::max_element(mass.begin(), mass.end());
  for (std::size_t i = 0; i < ink.values.size(); ++i)
    if (piece[i] >= 0 && mass[static_cast<std::size_t>(piece[i])] < least) ink.values[i] = 0;
}

// The smallest box around all pixels that are more ink than paper.
inline PixelBox box_of(const GreyPicture& ink) {
  PixelBox box{ink.width, ink.height, 0, 0};
  for (int y = 0; y < ink.height; ++y) {
    for (int x = 0; x < ink.width; ++x) {
      if (ink.at(y, x) <= .5f) continue;
      box = {std::min(box.left, x), std::min(box.top, y), std::max(box.right, x + 1), std::max(box.bottom, y + 1)};
    }
  }
  return box;
}

// The mean width of the strokes, in pixels: a stroke of length l and width w has the area l w and about the perimeter
// 2 l. Counting edges of pixels makes the perimeter 4 / pi too long on average over all directions.
inline float stroke_width(const GreyPicture& ink) {
  const auto is_ink = [&](int y, int x) {
    return y >= 0 && x >= 0 && y < ink.height && x < ink.width && ink.at(y, x) > .5f;
  };
  int area = 0, edges = 0;
  for (int y = 0; y <= ink.height; ++y) {
    for (int x = 0; x <= ink.width; ++x) {
      area += is_ink(y, x);
      edges += (is_ink(y, x) != is_ink(y, x - 1)) + (is_ink(y, x) != is_ink(y - 1, x));
    }
  }
  constexpr float pi = 3.14159265f;
  return edges == 0 ? 0 : 2 * static_cast<float>(area) / (static_cast<float>(edges) * pi / 4);
}

// The box of ink at a size whose longer side is `longer`.
inline GreyPicture fitted(const GreyPicture& ink, const PixelBox& box, float longer) {
  const float scale = longer / static_cast<float>(std::max(box.height(), box.width()));
  const auto size = [&](int side) { return std::max(1, static_cast<int>(static_cast<float>(side) * scale + .5f)); };
  return resample(ink, box, size(box.height()), size(box.width()));
}

// The digit on the finer grid, its longer side digit_box. Strokes of a thin pen, which would fade when the digit is
// shrunk, are made as thick as MNIST's thinner ones; the digit shrinks by as much as its outline grows.
inline GreyPicture fitted_digit(const GreyPicture& ink) {
  const PixelBox box = box_of(ink);
  constexpr float full = finer * digit_box, wanted = finer * thin_stroke;
  const GreyPicture plain = fitted(ink, box, full);
  const float share = stroke_width(plain) / full;  // of the longer side
  if (share * full >= wanted) return plain;
  const float longer = (full - wanted) / (1 - share);
  const float radius = (wanted - share * longer) / 2;
  const int margin = static_cast<int>(radius + .5f);
  const GreyPicture thin = fitted(ink, box, longer);
  GreyPicture room(thin.height + 2 * margin, thin.width + 2 * margin);
  for (int y = 0; y < thin.height; ++y)
    for (int x = 0; x < thin.width; ++x) room.at(y + margin, x + margin) = thin.at(y, x);
  return thickened(room, radius);
}

// Where a digit of `size` begins in a frame of `frame` so that its mass lies in the middle, or as near as it fits.
inline int place_in_frame(double mass, int size, int frame) {
  return std::clamp(static_cast<int>(std::floor(frame / 2. - mass + .5)), 0, std::max(frame - size, 0));
}

}  // namespace detail

/// An image in MNIST's form: 28 x 28 x 1 bytes, white on black.
using DigitImage = std::array<std::uint8_t, 28 * 28>;

/// Finds the digit in a picture and brings it into MNIST's form, as its makers did (LeCun et al. 1998): in a box of 20
/// x 20 pixels, its mass in the middle of 28 x 28.
///
/// `picture` holds bytes, height x width x 1 to 4 channels: grey or RGB, each with alpha or without. Ink may be dark on
/// bright or the reverse; what the picture's border shows most is taken for paper. One digit should be the largest
/// thing on it. Uneven light, noise and specks are removed, and thin strokes thickened.
///
/// Throws Error where the picture has another form, or nothing stands out from its background.
///
///     const Picture photo = read_picture("four.jpg");
///     const DigitImage digit = digit_image(photo.sample());
///     const auto p = predict(model, {Shape::image(28, 28, 1), digit, {}});
inline DigitImage digit_image(const Sample& picture) {
  using namespace detail;
  GreyPicture ink = with_bright_ink(picture);
  separate_ink(ink);
  remove_specks(ink);
  if (box_of(ink).width() <= 0) throw Error("digit_image: there are spots, but no digit, on this picture");
  const GreyPicture digit = fitted_digit(ink);
  double mass = 0, across = 0, down = 0;
  for (int y = 0; y < digit.height; ++y) {
    for (int x = 0; x < digit.width; ++x) {
      const auto v = static_cast<double>(digit.at(y, x));
      mass += v;
      across += v * (x + .5);
      down += v * (y + .5);
    }
  }
  constexpr int frame = finer * digit_frame;
  const int left = place_in_frame(across / mass, digit.width, frame);
  const int top = place_in_frame(down / mass, digit.height, frame);
  std::array<float, 28 * 28> sums{};
  for (int y = 0; y < digit.height; ++y)
    for (int x = 0; x < digit.width; ++x)
      sums[static_cast<std::size_t>((top + y) / finer * digit_frame + (left + x) / finer)] += digit.at(y, x);
  DigitImage result;
  for (std::size_t i = 0; i < result.size(); ++i)
    result[i] = static_cast<std::uint8_t>(std::min(sums[i] * 255 / (finer * finer) + .5f, 255.f));
  return result;
}

}  // namespace strata
