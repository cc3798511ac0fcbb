// Samples into a network's input, changed at random on the way.
#pragma once

#include <strata/augment/warp.hpp>
#include <strata/data/loader.hpp>

#include <cstdint>

namespace strata {

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
    if (sample.holds_bytes())
      apply(warp, sample.bytes.data(), to, [](float value, int channel) {
        const double clipped = value < 0 ? 0 : value > 255 ? 255 : value;
        return static_cast<float>(clipped * preprocessing::scale(channel) + preprocessing::offset(channel));
      });
    else
      apply(warp, sample.floats.data(), to, [](float value, int) { return value; });
  }

 private:
  static constexpr int channels = shape.channels;

  template <class T, class Finish>
  void apply(const detail::Warp& warp, const T* from, float* to, const Finish& finish) const {
    constexpr bool reverses = sizeof(T) == 1 && preprocessing::reverses_channels;
    float mean = 0;
    if (augmentation_.contrast > 0) {
      double sum = 0;
      for (std::int64_t i = 0; i < shape.size(); ++i) sum += static_cast<double>(from[i]);
      mean = static_cast<float>(sum / static_cast<double>(shape.size()));
    }
    for (int y = 0; y < shape.height; ++y)
      for (int x = 0; x < shape.width; ++x)
        detail::warp_pixel(
            warp, augmentation_, shape.height, shape.width, channels, mean, y, x,
            [&](int row, int column, int c) {
              const int channel = reverses ? channels - 1 - c : c;
              return static_cast<float>(from[(row * shape.width + column) * channels + channel]);
            },
            [&](int c, float value) { to[(y * shape.width + x) * channels + c] = finish(value, c); });
  }

  Augmentation augmentation_;
};

}  // namespace strata
