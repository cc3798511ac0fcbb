// A batch of samples out of a data set in the device's memory, into a network's input.
//
//     input[i][e] = scale(channel) * byte + offset(channel),   of sample cursor.item(i)
//
// in double and rounded once, as the CPU's Loader does it; floats are copied as they are. A value costs its own bytes
// read and 4 written: 5 bytes a pixel, where the data set holds bytes. Each thread finds its sample's number by itself,
// in 8 rounds of integers while nothing else is to be done; one leaves it for the loss, which wants the label.
#pragma once

#include <strata/core/input.hpp>
#include <strata/cuda/byte_batch.hpp>
#include <strata/cuda/cursor.hpp>
#include <strata/cuda/launch.hpp>
#include <strata/cuda/primitives.hpp>
#include <strata/plan/parameters.hpp>

#include <cstdint>
#include <type_traits>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// The policy: 4 values a thread where a sample is a multiple of that, and as many blocks as a sample needs.
template <class In, class T>
struct LoadSpec {
  using element = T;
  using preprocessing = typename In::preprocessing;
  static constexpr int channels = In::output().shape.channels;
  static constexpr int size = static_cast<int>(In::output().shape.size());
  static constexpr std::int64_t stride = strata::detail::round_up(size, strata::detail::floats_per_line);

  static constexpr bool converts = std::is_same_v<T, std::uint8_t>;
  static constexpr bool reverses = converts && preprocessing::reverses_channels;
  static constexpr double scale0 = preprocessing::scale(0), offset0 = preprocessing::offset(0);
  static constexpr double scale1 = preprocessing::scale(1), offset1 = preprocessing::offset(1);
  static constexpr double scale2 = preprocessing::scale(2), offset2 = preprocessing::offset(2);
  static constexpr bool channels_differ =
      channels == 3 && (scale0 != scale1 || scale0 != scale2 || offset0 != offset1 || offset0 != offset2);

  static constexpr int values = size % 4 == 0 ? 4 : 1;  ///< of a thread
  static constexpr unsigned packets = static_cast<unsigned>(size / values);
  static constexpr unsigned threads =
      packets >= 256 ? 256 : static_cast<unsigned>(strata::detail::round_up(packets, warp_size));
  static constexpr unsigned blocks_of_sample = (packets + threads - 1) / threads;

  /// A byte, or a number between bytes, as the network's channel wants it.
  template <class Value>
  static STRATA_DEVICE float convert(Value byte, int channel) {
    if constexpr (channels_differ) {
      constexpr double s0 = scale0, s1 = scale1, s2 = scale2, o0 = offset0, o1 = offset1, o2 = offset2;
      const double scale = channel == 0 ? s0 : channel == 1 ? s1 : s2;
      const double offset = channel == 0 ? o0 : channel == 1 ? o1 : o2;
      return static_cast<float>(byte * scale + offset);
    } else {
      return static_cast<float>(byte * scale0 + offset0);
    }
  }
};

/// Fills the batch's input and the samples' numbers.
template <class S>
__global__ void __launch_bounds__(S::threads)
    load_kernel(const Cursor* __restrict__ cursor, const typename S::element* __restrict__ data,
                float* __restrict__ input, std::int64_t* __restrict__ index) {
  constexpr int n = S::values;
  const unsigned sample = block_index().x / S::blocks_of_sample;
  const unsigned packet = block_index().x % S::blocks_of_sample * S::threads + thread_index().x;
  if (packet >= S::packets) return;
  const std::int64_t item = cursor->item(sample);
  if (packet == 0) index[sample] = item;

  const int first = static_cast<int>(packet) * n;
  const typename S::element* const from = data + item * S::size;
  Packet<typename S::element, n> in;
  if constexpr (S::reverses) {
    STRATA_UNROLL
    for (int k = 0; k < n; ++k) {
      const int channel = (first + k) % S::channels;
      in[k] = from[first + k - channel + S::channels - 1 - channel];
    }
  } else if constexpr (n == 1) {
    in[0] = from[first];
  } else {
    in = load<n>(from + first);
  }

  Packet<float, n> out;
  STRATA_UNROLL
  for (int k = 0; k < n; ++k) {
    if constexpr (S::converts)
      out[k] = S::convert(in[k], (first + k) % S::channels);
    else
      out[k] = in[k];
  }
  store(input + sample * S::stride + first, out);
}

/// Loads `batch` samples for a network with the input `In`. `data` begins at a multiple of 16 bytes and holds bytes
/// (std::uint8_t) or floats.
template <class In, class T>
void load_batch(Stream stream, int batch, const Cursor* cursor, const T* data, float* input, std::int64_t* index) {
  using S = LoadSpec<In, T>;
  launch<load_kernel<S>>(
      {.grid = {static_cast<unsigned>(batch) * S::blocks_of_sample}, .block = {S::threads}, .stream = stream}, cursor,
      data, input, index);
}

/// The batch for kernels that load it themselves.
template <class In>
ByteBatch byte_batch(const Cursor* cursor, const std::uint8_t* data, std::int64_t* index) {
  using preprocessing = typename In::preprocessing;
  ByteBatch batch{.data = data, .cursor = cursor, .index = index, .reverses = preprocessing::reverses_channels};
  for (int c = 0; c < 4; ++c) {
    const int channel = In::output().shape.channels == 3 && c < 3 ? c : 0;
    batch.scale[c] = preprocessing::scale(channel);
    batch.offset[c] = preprocessing::offset(channel);
  }
  return batch;
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
