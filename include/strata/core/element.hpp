// What an elementwise layer may ask about the value in its hands: where it sits, parameters, random numbers.
#pragma once

#include <strata/core/config.hpp>
#include <strata/core/math.hpp>
#include <strata/core/philox.hpp>
#include <strata/core/shape.hpp>

#include <cstdint>

namespace strata {

/// The `at` of a positional elementwise layer. In a vector kernel it speaks of the first lane; the other lanes are the
/// elements behind it, all of the same pixel.
///
/// S is the shape of the layer's input. `Parameters` gives `const float*` for the layer's i-th tensor.
template <Shape S, class T>
struct Element {
  std::uint32_t sample;         ///< index of the sample in the batch
  int index;                    ///< (height * S.width + width) * S.channels + channel
  const float* arena;           ///< parameters of the network
  const std::int64_t* offsets;  ///< where the layer's tensors begin in the arena, in floats
  philox::Draw draw;            ///< the layer's stream of random numbers in this step

  STRATA_HD constexpr int height() const { return index / (S.width * S.channels); }
  STRATA_HD constexpr int width() const { return index / S.channels % S.width; }
  STRATA_HD constexpr int channel() const { return S.height * S.width == 1 ? index : index % S.channels; }

  /// One random word for each lane's element.
  STRATA_HD STRATA_INLINE auto words() const {
    return philox::words_of<typename detail::lanes_of<T>::words>(draw, sample, static_cast<std::uint32_t>(index));
  }

  /// One random word for each lane's channel: the same for all pixels of the sample.
  STRATA_HD STRATA_INLINE auto words_of_channel() const {
    return philox::words_of<typename detail::lanes_of<T>::words>(draw, sample, static_cast<std::uint32_t>(channel()));
  }

  /// The layer's tensor `I` at each lane's channel. Tensors of elementwise layers have one number a channel.
  template <int I>
  STRATA_HD STRATA_INLINE T parameter() const {
    T value;
    std::memcpy(&value, arena + offsets[I] + channel(), sizeof(T));  // lanes beyond the channels are never kept
    return value;
  }
};

}  // namespace strata
