// Sums over rows of channels for BatchNorm, in an order that is always the same.
//
// A thread takes one channel and eight rows at a time, in registers. Moments of eight values are summed about their own
// mean, so that nothing cancels wherever they lie, and are merged by Chan's formula in double (Chan, Golub, LeVeque
// 1979):
//
//     d = mean_b - mean_a,   mean = mean_a + d n_b / n,   squares = squares_a + squares_b + d^2 n_a n_b / n
//
// Sums of eight gradients are taken over in double. Then the threads of a channel are merged by halves, and the blocks
// of a channel in their order.
#pragma once

#include <strata/cuda/kernel.hpp>
#include <strata/cuda/primitives.hpp>

#include <cstdint>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// Mean and sum of squared deviations of `count` values.
struct Moments {
  double count, mean, squares;

  STRATA_DEVICE void merge(const Moments& more) {
    if (more.count == 0) return;
    const double share = more.count / (count + more.count), d = more.mean - mean;
    mean += d * share;
    squares += more.squares + d * d * (count * share);
    count += more.count;
  }
};

/// The sums of dy and of dy (x - mean).
struct GradientSums {
  double dy, dy_x;

  STRATA_DEVICE void merge(const GradientSums& more) {
    dy += more.dy;
    dy_x += more.dy_x;
  }
};

/// How a block of Threads threads lies over rows of channels: Width neighbouring channels, and as many rows side by
/// side as there are threads for. `In` is the value: a row is one pixel of one sample.
template <class In, int Width, unsigned Threads>
struct Columns {
  static constexpr int channels = In::shape.channels, pixels = In::shape.height * In::shape.width;
  static constexpr int width = Width, panels = (channels + Width - 1) / Width;
  static constexpr unsigned threads = Threads, rows = Threads / Width;  ///< side by side
  static constexpr unsigned rows_of_thread = 8, step = rows * rows_of_thread;
  static constexpr std::int64_t stride = In::stride;

  static STRATA_DEVICE int column() { return static_cast<int>(thread_index().x % Width); }
  static STRATA_DEVICE unsigned row() { return thread_index().x / Width; }

  /// The thread's channel in the panel of its block, the grid's y.
  static STRATA_DEVICE int channel() { return static_cast<int>(block_index().y) * Width + column(); }

  /// Whether the thread has a channel: a block may have threads or channels left over.
  static STRATA_DEVICE bool works() { return row() < rows && channel() < channels; }

  static STRATA_DEVICE unsigned sample(unsigned r) { return r / pixels; }
  static STRATA_DEVICE int pixel(unsigned r) { return static_cast<int>(r % pixels); }

  /// Floats from the begin of a batch to row r.
  static STRATA_DEVICE std::int64_t offset(unsigned r) {
    if constexpr (stride == std::int64_t{pixels} * channels)
      return std::int64_t{r} * channels;
    else
      return sample(r) * stride + pixel(r) * channels;
  }
};

/// The moments of the thread's channel over its rows of a step: first, first + C::rows, ... below `end`.
template <class C>
STRATA_DEVICE Moments measure(const float* x, unsigned first, unsigned end) {
  constexpr unsigned n = C::rows_of_thread;
  float value[n], sum = 0;
  STRATA_UNROLL
  for (unsigned k = 0; k < n; ++k)
    if (const unsigned r = first + k * C::rows; r < end) value[k] = x[C::offset(r) + C::channel()];
  int count = 0;
  STRATA_UNROLL
  for (unsigned k = 0; k < n; ++k)
    if (first + k * C::rows < end) {
      sum += value[k];
      ++count;
    }
  if (count == 0) return {0, 0, 0};
  const float about = sum / static_cast<float>(count);
  float off = 0, squares = 0;
  STRATA_UNROLL
  for (unsigned k = 0; k < n; ++k)
    if (first + k * C::rows < end) {
      const float d = value[k] - about;
      off += d;
      squares += d * d;
    }
  const double rest = static_cast<double>(off) / count;
  return {static_cast<double>(count), static_cast<double>(about) + rest,
          static_cast<double>(squares) - static_cast<double>(off) * rest};
}

namespace detail {

/// A thread's place in shared memory: an odd number of doubles, so that neighbours lie in different banks.
template <class T, bool IsOdd = sizeof(T) % 16 == 8>
struct Place {
  T value;
};
template <class T>
struct Place<T, false> {
  T value;
  double gap;
};

}  // namespace detail

/// What the threads of a column hold, merged, in the thread of row 0. The whole block takes part, once for each T.
template <class C, class T>
STRATA_DEVICE T merge_columns(T value) {
  struct Held {
    detail::Place<T> of[C::threads];
  };
  auto& held = shared<Held>();
  const unsigned self = thread_index().x;
  held.of[self].value = value;
  unsigned parts = C::rows;
  STRATA_UNROLL
  for (int halving = 0; halving < 10; ++halving) {
    const unsigned half = (parts + 1) / 2;
    if (parts > 1) {
      sync_block();
      if (C::row() < parts - half) {
        value.merge(held.of[self + half * C::width].value);
        held.of[self].value = value;
      }
      parts = half;
    }
  }
  return value;
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
