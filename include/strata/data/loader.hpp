// Samples into a network's input: preprocessing fused into the copy.
#pragma once

#include <strata/core/input.hpp>
#include <strata/data/dataset.hpp>

#include <array>
#include <cstdint>
#include <cstring>

namespace strata {

/// Writes samples as floats. Bytes go through the preprocessing of `In` (an Input) by a table, so that every pixel is
/// the correctly rounded scale * byte + offset; floats are copied as they are.
template <class In>
class Loader {
 public:
  using preprocessing = typename In::preprocessing;
  static constexpr Shape shape = In::output().shape;

  /// Builds the table: 256 floats, or as many for each channel where the channels differ.
  Loader() {
    for (int c = 0; c < tables; ++c)
      for (int byte = 0; byte < 256; ++byte)
        table_[static_cast<std::size_t>(c * 256 + byte)] =
            static_cast<float>(byte * preprocessing::scale(c) + preprocessing::offset(c));
  }

  /// Writes `shape.size()` floats.
  void load(const Sample& sample, float* to) const {
    const auto n = static_cast<std::size_t>(shape.size());
    if (!sample.holds_bytes()) {
      std::memcpy(to, sample.floats.data(), n * sizeof(float));
      return;
    }
    const std::uint8_t* from = sample.bytes.data();
    if constexpr (tables == 1 && !preprocessing::reverses_channels) {
      for (std::size_t i = 0; i < n; ++i) to[i] = table_[from[i]];
    } else {
      constexpr int channels = shape.channels;
      for (std::size_t i = 0; i < n; i += static_cast<std::size_t>(channels))
        for (int c = 0; c < channels; ++c) {
          const int source = preprocessing::reverses_channels ? channels - 1 - c : c;
          to[i + static_cast<std::size_t>(c)] =
              table_[static_cast<std::size_t>(tables == 1 ? 0 : c * 256) + from[i + static_cast<std::size_t>(source)]];
        }
    }
  }

 private:
  /// One table where all channels are mapped alike, else one for each.
  static constexpr int tables = [] {
    for (int c = 1; c < shape.channels; ++c)
      if (preprocessing::scale(c) != preprocessing::scale(0) || preprocessing::offset(c) != preprocessing::offset(0))
        return shape.channels;
    return 1;
  }();

  std::array<float, static_cast<std::size_t>(tables) * 256> table_;
};

}  // namespace strata
