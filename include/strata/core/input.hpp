// Input: the shape of a sample and how its bytes become numbers.
#pragma once

#include <strata/core/layer.hpp>
#include <strata/core/verdict.hpp>

#include <concepts>
#include <cstdint>
#include <limits>

namespace strata {

// A preprocessing is a type with two functions of the channel: value = byte * scale(channel) + offset(channel), and
// `reverses_channels` where the network expects the channels in the opposite order. Floats are taken as they are.

/// x / 255: bytes become [0, 1]. The default.
struct Unit {
  static constexpr const char* name = "x / 255";
  static constexpr bool reverses_channels = false;
  static constexpr double scale(int) { return 1.0 / 255; }
  static constexpr double offset(int) { return 0; }
};

/// x / 255 - 0.5: bytes become [-0.5, 0.5].
struct Centered {
  static constexpr const char* name = "x / 255 - 0.5";
  static constexpr bool reverses_channels = false;
  static constexpr double scale(int) { return 1.0 / 255; }
  static constexpr double offset(int) { return -0.5; }
};

/// Red, green, blue bytes as the Caffe models (VGG among them) want them: blue first, the ImageNet mean of each channel
/// subtracted, no scaling. Keras' preprocess_input(mode="caffe"). For three channels.
struct Caffe {
  static constexpr const char* name = "caffe";
  static constexpr bool reverses_channels = true;
  static constexpr double scale(int) { return 1; }
  static constexpr double offset(int channel) { return channel == 0 ? -103.939 : channel == 1 ? -116.779 : -123.68; }
};

/// (x / 255 - mean) / deviation with ImageNet's mean and deviation of each channel, as torchvision's models want their
/// red, green, blue. For three channels.
struct Torch {
  static constexpr const char* name = "torch";
  static constexpr bool reverses_channels = false;
  static constexpr double deviation(int channel) { return channel == 0 ? 0.229 : channel == 1 ? 0.224 : 0.225; }
  static constexpr double mean(int channel) { return channel == 0 ? 0.485 : channel == 1 ? 0.456 : 0.406; }
  static constexpr double scale(int channel) { return 1.0 / 255 / deviation(channel); }
  static constexpr double offset(int channel) { return -mean(channel) / deviation(channel); }
};

/// An own linear map of bytes: x * ScaleNumerator / ScaleDenominator + OffsetNumerator / OffsetDenominator.
/// `Scaled<2, 255, -1, 1>` maps bytes to [-1, 1].
template <int ScaleNumerator, int ScaleDenominator, int OffsetNumerator = 0, int OffsetDenominator = 1>
struct Scaled {
  static constexpr const char* name = "scaled";
  static constexpr bool reverses_channels = false;
  static constexpr double scale(int) { return ratio(ScaleNumerator, ScaleDenominator); }
  static constexpr double offset(int) { return ratio(OffsetNumerator, OffsetDenominator); }

 private:
  // Infinity for a denominator of zero, which Input refuses.
  static constexpr double ratio(int a, int b) {
    return b == 0 ? std::numeric_limits<double>::infinity() : static_cast<double>(a) / b;
  }
};

namespace detail {

template <class T>
concept is_preprocessing = requires {
  { T::name } -> std::convertible_to<const char*>;
  { T::scale(0) } -> std::convertible_to<double>;
  { T::offset(0) } -> std::convertible_to<double>;
  { T::reverses_channels } -> std::convertible_to<bool>;
};

constexpr bool is_finite(double x) {
  return x >= std::numeric_limits<double>::lowest() && x <= std::numeric_limits<double>::max();
}

constexpr bool fits_an_int(std::int64_t a, std::int64_t b, std::int64_t c) {
  const std::int64_t most = std::numeric_limits<int>::max();
  return a <= most / b && a * b <= most / c;
}

}  // namespace detail

/// The input of a network: `Input<28, 28, 1>` is an image of height, width, channels; `Input<784>` a vector.
///
/// Bytes become x / 255 and floats stay as they are. Another preprocessing is the fourth argument,
/// `Input<28, 28, 1, Centered>`, and for a vector `Input<784>::with<Centered>`. It belongs to the type and is saved
/// with the weights, so that a loaded model never sees pixels on another scale.
template <int Height, int Width = 0, int Channels = 0, class Preprocessing = Unit>
struct Input {
  using preprocessing = Preprocessing;

  /// The same extents with another preprocessing.
  template <class Other>
  using with = Input<Height, Width, Channels, Other>;

  /// Why an input is refused.
  enum class error {
    none,
    takes_one_extent_or_three,
    has_an_extent_below_one,
    has_more_than_2147483647_elements,
    preprocessing_is_for_three_channels,
    preprocessing_is_not_finite,
    fourth_argument_is_no_preprocessing
  };

  /// The shape, or the reason why there is none.
  static constexpr Verdict output() {
    if (Width == 0 && Channels == 0) {
      if (Height < 1) return error::has_an_extent_below_one;
      return preprocessed(Shape::vector(Height));
    }
    if (Height == 0 || Width == 0 || Channels == 0) return error::takes_one_extent_or_three;
    if (Height < 1 || Width < 1 || Channels < 1) return error::has_an_extent_below_one;
    if (!detail::fits_an_int(Height, Width, Channels)) return error::has_more_than_2147483647_elements;
    return preprocessed(Shape::image(Height, Width, Channels));
  }

 private:
  static constexpr Verdict preprocessed(Shape shape) {
    if constexpr (!detail::is_preprocessing<Preprocessing>) {
      return error::fourth_argument_is_no_preprocessing;
    } else {
      for (int c = 0; c < 3 && c < shape.channels; ++c)
        if (!detail::is_finite(Preprocessing::scale(c)) || !detail::is_finite(Preprocessing::offset(c)))
          return error::preprocessing_is_not_finite;
      if (shape.channels != 3 && Preprocessing::scale(0) != Preprocessing::scale(1))
        return error::preprocessing_is_for_three_channels;
      if (shape.channels != 3 && Preprocessing::offset(0) != Preprocessing::offset(1))
        return error::preprocessing_is_for_three_channels;
      return shape;
    }
  }
};

}  // namespace strata
