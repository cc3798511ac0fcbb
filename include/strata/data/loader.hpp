// Samples into a network's input: preprocessing fused into the copy.
#pragma once

#include <strata/core/input.hpp>
#include <strata/data/dataset.hpp>

#include <array>
#include <cstdint>
#include <cstring>

namespace strata {

/// Writes samples as floats. Bytes go through the preprocessing of `In` (an Input), scale * byte + offset in double,
/// rounded once to a float; floats are copied as they are.
template <class In>
class Loader {
 public:
  using preprocessing = typename In::preprocessing;
  static constexpr Shape shape = In::output().shape;

  Loader() {}  // by hand, so that a constant needs no initializer

  /// Writes `shape.size()` floats. All of a program's loops over samples share one copy of it.
  [[gnu::noinline]] void load(const Sample& sample, float* to) const {
    constexpr auto n = static_cast<std::size_t>(shape.size());
    if (!sample.holds_bytes()) {
      std::memcpy(to, sample.floats.data(), n * sizeof(float));
      return;
    }
    const std::uint8_t* from = sample.bytes.data();
    std::size_t i = 0;
    for (; i + chunk <= n; i += chunk) convert<chunk>(from + i, to + i);
    if constexpr (n % chunk != 0) convert<n % chunk>(from + i, to + i);
  }

 private:
  static constexpr std::size_t channels = static_cast<std::size_t>(shape.channels);

  static constexpr bool channels_differ = [] {
    for (int c = 1; c < shape.channels; ++c)
      if (preprocessing::scale(c) != preprocessing::scale(0) || preprocessing::offset(c) != preprocessing::offset(0))
        return true;
    return false;
  }();

  /// Values that are converted side by side: whole pixels where the channels are not alike.
  static constexpr std::size_t chunk = channels_differ || preprocessing::reverses_channels ? 16 * channels : 64;

  /// Converts N values, from the first channel of a pixel on where that matters. The counts are constants and the
  /// results local, so that compilers make vectors of it.
  template <std::size_t N>
  static void convert(const std::uint8_t* from, float* to) {
    float values[N];
    if constexpr (channels_differ) {
      static constexpr auto factors = by_value<N>([](int c) { return preprocessing::scale(c); });
      static constexpr auto terms = by_value<N>([](int c) { return preprocessing::offset(c); });
      for (std::size_t i = 0; i < N; ++i) values[i] = static_cast<float>(from[i] * factors[i] + terms[i]);
    } else {
      constexpr double factor = preprocessing::scale(0), term = preprocessing::offset(0);
      for (std::size_t i = 0; i < N; ++i) values[i] = static_cast<float>(from[i] * factor + term);
    }
    if constexpr (preprocessing::reverses_channels) {
      for (std::size_t i = 0; i < N; i += channels)
        for (std::size_t c = 0; c < channels; ++c) to[i + c] = values[i + channels - 1 - c];
    } else {
      std::memcpy(to, values, sizeof values);
    }
  }

  /// A number of the channel to which each of N bytes goes.
  template <std::size_t N, class Of>
  static constexpr std::array<double, N> by_value(Of of) {
    std::array<double, N> numbers{};
    for (std::size_t i = 0; i < N; ++i)
      numbers[i] = of(static_cast<int>(preprocessing::reverses_channels ? channels - 1 - i % channels : i % channels));
    return numbers;
  }
};

}  // namespace strata
