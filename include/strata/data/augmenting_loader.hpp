// Samples into a network's input, changed at random on the way.
#pragma once

#include <strata/augment/warp.hpp>
#include <strata/data/loader.hpp>

#include <cstdint>

namespace strata {

namespace detail {

/// Where the changes of a version of the images come from; the place is then the sample's number in its data set.
inline philox::Draw version_draw(philox::Key key, int version) {
  return {key, static_cast<std::uint32_t>(version), philox::Stream::augmentation, 0};
}

}  // namespace detail

/// Does what Loader does, with an Augmentation in front of the preprocessing.
template <class In>
class AugmentingLoader {
 public:
  using preprocessing = typename In::preprocessing;
  static constexpr Shape shape = In::output().shape;

  explicit AugmentingLoader(const Augmentation& augmentation) : augmentation_(augmentation) {}

  /// Writes `shape.size()` floats: the sample at place `place` of the batch that `draw` belongs to.
  [[gnu::noinline]] void load(const Sample& sample, const philox::Draw& draw, std::uint32_t place, float* to) const {
    detail::Warp warp;
    detail::draw_warp(warp, augmentation_, shape.height, shape.width, draw, place);
    if (!sample.holds_bytes()) return apply<false>(warp, sample.floats.data(), to);
    apply<preprocessing::reverses_channels>(warp, sample.bytes.data(), to);
    for (std::int64_t i = 0; i < shape.size(); ++i) {
      const int channel = static_cast<int>(i % channels);
      const double clipped = to[i] < 0 ? 0 : to[i] > 255 ? 255 : to[i];
      to[i] = static_cast<float>(clipped * preprocessing::scale(channel) + preprocessing::offset(channel));
    }
  }

 private:
  static constexpr int channels = shape.channels;

  // No lambdas: nvcc takes none of the CPU's in text that is a GPU's too.
  template <bool Reverses, class T>
  struct Image {
    const T* pixels;
    STRATA_HD float operator()(int row, int column, int c) const {
      return static_cast<float>(pixels[(row * shape.width + column) * channels + (Reverses ? channels - 1 - c : c)]);
    }
  };
  struct Pixel {
    float* values;
    STRATA_HD void operator()(int c, float value) const { values[c] = value; }
  };

  /// Writes the changed image as it is, on the scale of its data.
  template <bool Reverses, class T>
  void apply(const detail::Warp& warp, const T* from, float* to) const {
    float mean = 0;
    if (augmentation_.contrast > 0) {
      double sum = 0;
      for (std::int64_t i = 0; i < shape.size(); ++i) sum += static_cast<double>(from[i]);
      mean = static_cast<float>(sum / static_cast<double>(shape.size()));
    }
    for (int y = 0; y < shape.height; ++y)
      for (int x = 0; x < shape.width; ++x)
        detail::warp_pixel(warp, augmentation_, shape.height, shape.width, channels, mean, y, x,
                           Image<Reverses, T>{from}, Pixel{to + (y * shape.width + x) * channels});
  }

  Augmentation augmentation_;
};

}  // namespace strata
