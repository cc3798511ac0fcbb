// A batch of samples out of a data set in the device's memory, changed at random on the way into a network's input.
//
// The text of a pixel is the CPU's (augment/warp.hpp). A block takes a sample: its threads draw the changes together
// into shared memory, copy the sample there where it has room, sum up the mean where contrast is to change, and then
// make pixel after pixel out of its four neighbours: 5 bytes a value from and to memory, where the data set holds
// bytes.
#pragma once

#include <strata/augment/warp.hpp>
#include <strata/cuda/load.cuh>

#include <cstdint>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// The policy: a block for each sample.
template <class In, class T>
struct AugmentSpec : LoadSpec<In, T> {
  static constexpr Shape shape = In::output().shape;
  static constexpr int height = shape.height, width = shape.width;
  static constexpr unsigned threads = 256;
  static constexpr int size = LoadSpec<In, T>::size, values = LoadSpec<In, T>::values;
  static constexpr bool stages = size * sizeof(T) <= 24 * 1024;

  struct Shared {
    strata::detail::Warp warp;
    alignas(16) T image[stages ? size : 1];
  };
};

/// Fills the batch's input and the samples' numbers.
template <class S>
__global__ void __launch_bounds__(S::threads)
    augment_kernel(const Cursor* __restrict__ cursor, const typename S::element* __restrict__ data,
                   Augmentation augmentation, philox::Key key, float* __restrict__ input,
                   std::int64_t* __restrict__ index) {
  constexpr int height = S::height, width = S::width, channels = S::channels;
  const unsigned sample = block_index().x;
  const std::int64_t item = cursor->item(sample);
  const typename S::element* from = data + item * S::size;
  if (thread_index().x == 0) index[sample] = item;

  auto& memory = shared<typename S::Shared>();
  auto& warp = memory.warp;
  if constexpr (S::stages) {
    for (int i = static_cast<int>(thread_index().x) * S::values; i < S::size;
         i += static_cast<int>(S::threads) * S::values)
      store(memory.image + i, load<S::values>(from + i));
    from = memory.image;
    sync_block();
  }
  const bool anew = cursor->version < 0;  // in every batch
  strata::detail::draw_warp(
      warp, augmentation, height, width,
      {key, anew ? cursor->step : static_cast<std::uint32_t>(cursor->version), philox::Stream::augmentation, 0},
      anew ? sample : static_cast<unsigned>(item), thread_index().x, S::threads);
  float mean = 0;
  if (augmentation.contrast > 0) {
    double sum = 0;
    for (int i = static_cast<int>(thread_index().x); i < S::size; i += static_cast<int>(S::threads))
      sum += static_cast<double>(from[i]);
    mean = static_cast<float>(block_reduce<Sum, S::threads>(sum) / S::size);
  }
  sync_block();

  float* const to = input + sample * S::stride;
  for (int pixel = static_cast<int>(thread_index().x); pixel < height * width; pixel += static_cast<int>(S::threads)) {
    const auto read = [&](int row, int column, int c) {
      return static_cast<float>(from[(row * width + column) * channels + (S::reverses ? channels - 1 - c : c)]);
    };
    const auto write = [&](int c, float value) {
      if constexpr (S::converts) {
        const float clipped = value < 0 ? 0 : value > 255 ? 255 : value;
        to[pixel * channels + c] = S::convert(clipped, c);
      } else {
        to[pixel * channels + c] = value;
      }
    };
    strata::detail::warp_pixel(warp, augmentation, height, width, channels, mean, pixel / width, pixel % width, read,
                               write);
  }
}

/// Loads `batch` samples for a network with the input `In`, as load_batch does it, changed by `augmentation`.
template <class In, class T>
void augment_batch(Stream stream, int batch, const Cursor* cursor, const T* data, const Augmentation& augmentation,
                   philox::Key key, float* input, std::int64_t* index) {
  using S = AugmentSpec<In, T>;
  launch<augment_kernel<S>>({.grid = {static_cast<unsigned>(batch)}, .block = {S::threads}, .stream = stream}, cursor,
                            data, augmentation, key, input, index);
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
