// Parts of a picture: from its middle, or at random, as torchvision's transforms take them.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/philox.hpp>
#include <strata/core/text.hpp>
#include <strata/data/resize.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace strata {

/// The picture with a border, as torchvision's Pad with a constant: so many pixels on each side.
inline Picture padded(const Picture& from, int left, int top, int right, int bottom, std::uint8_t fill = 0) {
  detail::check_picture(from);
  if (std::min({left, top, right, bottom}) < 0 || std::max({left, top, right, bottom}) > 1 << 20)
    throw Error("padded: each border is 0 to 1,048,576 pixels");
  return cropped(from, -top, -left, from.shape.height + top + bottom, from.shape.width + left + right, fill);
}

/// The middle of the picture, as torchvision's CenterCrop: what is smaller lies in the middle of `fill`.
inline Picture centre_crop(const Picture& from, int height, int width, std::uint8_t fill = 0) {
  // Of an odd number of pixels half goes to the even neighbour, as Python rounds; borders are shorter at the upper
  // left.
  const auto begin = [](int has, int wanted) {
    const int spare = has - wanted;
    return spare < 0 ? -(-spare / 2) : spare / 2 + (spare % 4 == 3);
  };
  return cropped(from, begin(from.shape.height, height), begin(from.shape.width, width), height, width, fill);
}

namespace detail {

/// Random numbers of one crop: element e of it. They do not depend on who else draws.
struct CropDraw {
  std::uint64_t seed, number;

  double uniform(std::uint32_t element) const {
    const philox::Draw draw{philox::Key(seed), static_cast<std::uint32_t>(number >> 32), philox::Stream::augmentation,
                            (1u << 24) - 1};  // as no layer is
    return static_cast<double>(philox::uniform(philox::word(draw, static_cast<std::uint32_t>(number), element)));
  }
  /// One of 0 to most, all alike.
  int whole(std::uint32_t element, int most) const {
    return std::min(most, static_cast<int>(uniform(element) * (most + 1.0)));
  }
};

}  // namespace detail

/// `height` x `width` pixels of the picture from a random place, as torchvision's RandomCrop. Crop `number` of a seed
/// is always at the same one. Throws Error where the picture is smaller: padded() makes it larger.
inline Picture random_crop(const Picture& from, int height, int width, std::uint64_t seed, std::uint64_t number) {
  detail::check_picture(from);
  if (height > from.shape.height || width > from.shape.width)
    throw Error(joined({"random_crop: a picture of ", from.shape.height, " x ", from.shape.width, " pixels has no ",
                        height, " x ", width, " in it; pad it, or make it larger"}));
  const detail::CropDraw draw{seed, number};
  return cropped(from, draw.whole(0, from.shape.height - height), draw.whole(1, from.shape.width - width), height,
                 width);
}

/// How many random parts of a picture are taken, and how large: torchvision's RandomResizedCrop.
struct RandomCrops {
  int per_picture = 0;       ///< 0: the picture itself, whole
  double least_area = 0.08;  ///< share of the picture's pixels
  double most_area = 1;
  double least_ratio = 3. / 4;  ///< width to height, before it is brought to the wanted size
  double most_ratio = 4. / 3;
  std::uint64_t seed = 0;

  /// Throws Error where a number is out of its range.
  void check() const {
    if (per_picture < 0 || per_picture > 1 << 20) throw Error("RandomCrops: per_picture must lie between 0 and 2^20");
    if (!(least_area > 0 && least_area <= most_area && most_area <= 1))
      throw Error("RandomCrops: areas must be above 0, at most 1, and the least no larger than the most");
    if (!(least_ratio > 0 && least_ratio <= most_ratio && most_ratio <= 1e6))
      throw Error("RandomCrops: ratios must be above 0, and the least no larger than the most");
  }
};

/// A random part of the picture, of random size and proportions, brought to `height` x `width`: ten tries to find one
/// that fits; then the largest in the middle whose proportions are allowed. Crop `number` of a seed is always the same.
inline Picture random_resized_crop(const Picture& from, int height, int width, const RandomCrops& crops,
                                   std::uint64_t number, Resample how = Resample::bilinear) {
  detail::check_picture(from);
  crops.check();
  const detail::CropDraw draw{crops.seed, number};
  const double all_y = from.shape.height, all_x = from.shape.width;
  for (std::uint32_t attempt = 0; attempt < 10; ++attempt) {
    const std::uint32_t element = 4 * attempt;
    const double area =
        all_y * all_x * (crops.least_area + (crops.most_area - crops.least_area) * draw.uniform(element));
    const double ratio = crops.least_ratio * std::pow(crops.most_ratio / crops.least_ratio, draw.uniform(element + 1));
    const double x = std::round(std::sqrt(area * ratio)), y = std::round(std::sqrt(area / ratio));
    if (!(x >= 1 && y >= 1 && x <= all_x && y <= all_y)) continue;
    const int w = static_cast<int>(x), h = static_cast<int>(y);
    const int top = draw.whole(element + 2, from.shape.height - h),
              left = draw.whole(element + 3, from.shape.width - w);
    return resized(cropped(from, top, left, h, w), height, width, how);
  }
  const double ratio = std::clamp(all_x / all_y, crops.least_ratio, crops.most_ratio);
  const int w = std::clamp(static_cast<int>(std::round(std::min(all_x, all_y * ratio))), 1, from.shape.width);
  const int h = std::clamp(static_cast<int>(std::round(std::min(all_y, all_x / ratio))), 1, from.shape.height);
  return resized(cropped(from, (from.shape.height - h) / 2, (from.shape.width - w) / 2, h, w), height, width, how);
}

}  // namespace strata
