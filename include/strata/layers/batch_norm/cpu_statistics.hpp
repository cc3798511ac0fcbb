// Sums over rows of channels for BatchNorm: single precision for a few rows, double beyond.
//
// Gradients: a chunk of 16 rows is summed in four sums of four, so no value is rounded more than eight times before its
// sum is taken over in double.
//
// Moments: a chunk is summed about a value c, the mean of four of its rows, from which the sums about its own mean
// follow in double. Its mean is so near to c that the squares lose at most two bits by cancelling, wherever the values
// lie (n (mean - c)^2 <= 3 sum (x - mean)^2). Chunks are merged by Chan's formula (Chan, Golub, LeVeque 1979):
//
//     d = mean_b - mean_a,   mean = mean_a + d n_b / n,   squares = squares_a + squares_b + d^2 n_a n_b / n
#pragma once

#include <strata/cpu/vector.hpp>

#include <algorithm>
#include <cstdint>

namespace strata::cpu {
inline namespace STRATA_ISA {

/// Rows of a chunk.
inline constexpr int chunk_rows = 16;

/// Vectors of channels that are summed side by side.
inline constexpr int wide_panel = registers == 32 ? 4 : 2;

/// total[n] = the sum of term(row, n) over `rows` rows, at most chunk_rows, in Parts sums.
template <int Parts, int N, class Term>
STRATA_INLINE inline void sum_chunk(int rows, V (&total)[N], Term term) {
  V sums[Parts][N];
  strata::detail::unroll<Parts>(
      [&](auto i) STRATA_INLINE { strata::detail::unroll<N>([&](auto n) STRATA_INLINE { sums[i][n] = V{}; }); });
  auto add = [&](auto i, int row) STRATA_INLINE {
    strata::detail::unroll<N>([&](auto n) STRATA_INLINE { sums[i][n] += term(row, n); });
  };
  int row = 0;
  STRATA_NOUNROLL
  for (; row + Parts <= rows; row += Parts)
    strata::detail::unroll<Parts>([&](auto i) STRATA_INLINE { add(i, row + static_cast<int>(i)); });
  STRATA_NOUNROLL
  for (; row < rows; ++row) add(std::integral_constant<int, 0>{}, row);
  strata::detail::unroll<N>([&](auto n) STRATA_INLINE {
    total[n] = sums[0][n] + sums[1][n];
    if constexpr (Parts == 4) total[n] += sums[2][n] + sums[3][n];
  });
}

/// Sums of several values for each of N vectors of channels.
template <int N>
struct ChannelSums {
  static constexpr int width = N * lanes;
  alignas(64) double sum[width] = {};

  void add(const V (&chunk)[N]) {
    alignas(64) float from[width];
    std::memcpy(from, chunk, sizeof from);
    for (int c = 0; c < width; ++c) sum[c] += static_cast<double>(from[c]);
  }
};

/// Means and sums of squared deviations for `Width` channels.
template <int Width>
struct ChannelMoments {
  alignas(64) double mean[Width] = {}, squares[Width] = {};
  double count = 0;

  /// Adds the moments of n more values a channel.
  void merge(const double* means, const double* more_squares, double n) {
    const double share = n / (count + n), between = count * share;
    for (int c = 0; c < Width; ++c) {
      const double d = means[c] - mean[c];
      mean[c] += d * share;
      squares[c] += more_squares[c] + d * d * between;
    }
    count += n;
  }

  /// Adds n values a channel of which the sums of x - about and (x - about)^2 are known.
  void merge_about(const float* about, const float* sum, const float* sum_of_squares, double n) {
    alignas(64) double means[Width], more_squares[Width];
    for (int c = 0; c < Width; ++c) {
      const double s = static_cast<double>(sum[c]), off = s * (1 / n);
      means[c] = static_cast<double>(about[c]) + off;
      more_squares[c] = static_cast<double>(sum_of_squares[c]) - s * off;
    }
    merge(means, more_squares, n);
  }
};

/// The moments of N vectors of channels over `rows` rows, `stride` floats apart.
template <int N>
void measure(const float* x, std::int64_t stride, int rows, ChannelMoments<N * lanes>& moments) {
  for (int first = 0; first < rows; first += chunk_rows, x += chunk_rows * stride) {
    const int n = std::min(chunk_rows, rows - first);
    V about[N], sums[2 * N];
    strata::detail::unroll<N>([&](auto v) STRATA_INLINE {
      auto at = [&](int row) STRATA_INLINE { return load(x + row * stride + v * lanes); };
      about[v] = ((at(0) + at(n / 4)) + (at(n / 2) + at(n * 3 / 4))) * 0.25f;
    });
    sum_chunk<2>(n, sums, [&](int row, int i) STRATA_INLINE {
      const V d = load(x + row * stride + i % N * lanes) - about[i % N];
      return i < N ? d : d * d;
    });
    alignas(64) float numbers[3 * N * lanes];
    std::memcpy(numbers, about, sizeof about);
    std::memcpy(numbers + N * lanes, sums, sizeof sums);
    moments.merge_about(numbers, numbers + N * lanes, numbers + 2 * N * lanes, n);
  }
}

/// The sums of dy and of dy * (x - mean) over `rows` rows, for N vectors of channels.
template <int N>
void sum_gradients(const float* dy, std::int64_t dy_stride, const float* x, std::int64_t x_stride, const float* mean,
                   int rows, ChannelSums<2 * N>& sums) {
  for (int first = 0; first < rows; first += chunk_rows, x += chunk_rows * x_stride, dy += chunk_rows * dy_stride) {
    V total[2 * N];
    sum_chunk<4>(std::min(chunk_rows, rows - first), total, [&](int row, int i) STRATA_INLINE {
      const int v = i % N;
      const V d = load(dy + row * dy_stride + v * lanes);
      return i < N ? d : d * (load(x + row * x_stride + v * lanes) - load(mean + v * lanes));
    });
    sums.add(total);
  }
}

/// Calls f(vector, integral_constant<int, count>) for panels that cover the vectors from `v` to `vectors`: as many of
/// the width Wide as there are, then narrower ones.
template <int Wide, class F>
void for_panels(int vectors, F f, int v = 0) {
  for (; v + Wide <= vectors; v += Wide) f(v, std::integral_constant<int, Wide>{});
  if constexpr (Wide > 1) for_panels<Wide / 2>(vectors, f, v);
}

}  // namespace STRATA_ISA
}  // namespace strata::cpu
