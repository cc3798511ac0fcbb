// The rate at which layers drop, as what they compare and multiply with.
#pragma once

#include <cstdint>

namespace strata::detail {

/// Of `Percent` hundredths; of none where that is no rate, so that the layer can say so.
template <int Percent>
struct DropoutRate {
  static constexpr bool is_valid = Percent >= 0 && Percent <= 99;
  static constexpr int percent = is_valid ? Percent : 0;

  /// A value survives when its word is at least rate * 2^32.
  static constexpr auto threshold = static_cast<std::uint32_t>(percent / 100.0 * 4294967296.0);

  /// 1 / (1 - rate).
  static constexpr float scale = static_cast<float>(100.0 / (100 - percent));
};

}  // namespace strata::detail
