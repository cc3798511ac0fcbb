// A batch that is still bytes of a data set, for kernels that turn them into a network's input on the way.
#pragma once

#include <strata/cuda/cursor.hpp>
#include <strata/cuda/primitives.hpp>

#include <cstdint>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// Where a batch's bytes lie and how they become floats: byte * scale[channel] + offset[channel], in double and rounded
/// once, as load.cuh does it.
struct ByteBatch {
  const std::uint8_t* data = nullptr;  ///< the data set, sample behind sample; null: the batch is floats
  const Cursor* cursor = nullptr;
  std::int64_t* index = nullptr;  ///< of the batch's samples in the data set: forward writes it for the loss
  double scale[4] = {}, offset[4] = {};
  bool reverses = false;  ///< the channels

  /// The N neighbouring values from `first` on of a sample that begins at `sample`.
  template <int Channels, int N>
  STRATA_DEVICE Packet<float, N> values(const std::uint8_t* sample, int first) const {
    Packet<std::uint8_t, N> in;
    if (Channels > 1 && reverses) {
      STRATA_UNROLL
      for (int k = 0; k < N; ++k) {
        const int channel = (first + k) % Channels;
        in[k] = sample[first + k - channel + Channels - 1 - channel];
      }
    } else {
      in = load<N>(sample + first);
    }
    Packet<float, N> out;
    STRATA_UNROLL
    for (int k = 0; k < N; ++k) {
      const int channel = Channels == 1 ? 0 : (first + k) % Channels;
      out[k] = static_cast<float>(in[k] * of_channel<Channels>(scale, channel) + of_channel<Channels>(offset, channel));
    }
    return out;
  }

 private:
  /// numbers[channel], by constant indices: by others the batch would have to lie in memory.
  template <int Channels>
  static STRATA_DEVICE double of_channel(const double (&numbers)[4], int channel) {
    double number = numbers[0];
    STRATA_UNROLL
    for (int c = 1; c < Channels; ++c) number = channel == c ? numbers[c] : number;
    return number;
  }
};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
