// The one-dimensional transforms of Winograd's minimal filtering F(m, 3), on one vector of channels or filters.
#pragma once

#include <strata/cpu/vector.hpp>

#include <cstddef>

namespace strata::cpu {
inline namespace STRATA_ISA {

/// F(m, 3) computes m neighbouring outputs of a 3-tap filter with m + 2 products: y = A^T ((G g) * (B^T d)). The
/// matrices follow from m + 1 points, at which the polynomials of data and filter are evaluated (the last point is
/// infinity): row p of B^T holds the coefficients of the product of (x - q) over the other points q, row p of G the
/// powers of p over that product's value at p, column p of A^T the powers of p. Two dimensions nest: once over the
/// columns, once over the rows. (Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2015.)
template <int M>
struct winograd_transform;

/// Points 0, 1, -1: all coefficients are 1 or 1/2, so that small integers stay exact.
template <>
struct winograd_transform<2> {
  /// out = B^T d.
  STRATA_INLINE static void data(const V (&d)[4], V (&out)[4]) {
    out[0] = d[0] - d[2];
    out[1] = d[2] + d[1];
    out[2] = d[2] - d[1];
    out[3] = d[3] - d[1];
  }

  /// out = G g.
  STRATA_INLINE static void kernel(const V (&g)[3], V (&out)[4]) {
    const V even = (g[0] + g[2]) * 0.5f, odd = g[1] * 0.5f;
    out[0] = g[0];
    out[1] = even + odd;
    out[2] = even - odd;
    out[3] = g[2];
  }

  /// out = A^T m.
  STRATA_INLINE static void output(const V (&m)[4], V (&out)[2]) {
    out[0] = m[0] + (m[1] + m[2]);
    out[1] = m[3] + (m[1] - m[2]);
  }
};

/// Points 0, 5/8, -5/8, 3/2, -3/2: their error is a quarter of that of the usual 0, 1, -1, 2, -2, since no power of
/// theirs is far from 1, and every coefficient of A and B is exact in binary.
template <>
struct winograd_transform<4> {
  static constexpr float p = 0.625f, q = 1.5f;
  static constexpr float p2 = p * p, q2 = q * q;

  /// out = B^T d.
  STRATA_INLINE static void data(const V (&d)[6], V (&out)[6]) {
    constexpr float product = p2 * q2, sum = p2 + q2;
    out[0] = product * d[0] + (d[4] - sum * d[2]);
    const V even_p = d[4] - q2 * d[2], odd_p = d[3] - q2 * d[1];
    out[1] = even_p + p * odd_p;
    out[2] = even_p - p * odd_p;
    const V even_q = d[4] - p2 * d[2], odd_q = d[3] - p2 * d[1];
    out[3] = even_q + q * odd_q;
    out[4] = even_q - q * odd_q;
    out[5] = product * d[1] + (d[5] - sum * d[3]);
  }

  /// out = G g.
  STRATA_INLINE static void kernel(const V (&g)[3], V (&out)[6]) {
    constexpr float at_zero = static_cast<float>(1 / (0.625 * 0.625 * 1.5 * 1.5));
    constexpr float at_p = static_cast<float>(1 / (2 * 0.625 * 0.625 * (0.625 * 0.625 - 1.5 * 1.5)));
    constexpr float at_q = static_cast<float>(1 / (2 * 1.5 * 1.5 * (1.5 * 1.5 - 0.625 * 0.625)));
    out[0] = at_zero * g[0];
    const V even_p = at_p * (g[0] + p2 * g[2]), odd_p = (at_p * p) * g[1];
    out[1] = even_p + odd_p;
    out[2] = even_p - odd_p;
    const V even_q = at_q * (g[0] + q2 * g[2]), odd_q = (at_q * q) * g[1];
    out[3] = even_q + odd_q;
    out[4] = even_q - odd_q;
    out[5] = g[2];
  }

  /// out = A^T m.
  STRATA_INLINE static void output(const V (&m)[6], V (&out)[4]) {
    const V even_p = m[1] + m[2], odd_p = m[1] - m[2], even_q = m[3] + m[4], odd_q = m[3] - m[4];
    out[0] = m[0] + (even_p + even_q);
    out[1] = p * odd_p + q * odd_q;
    out[2] = p2 * even_p + q2 * even_q;
    out[3] = (p2 * p) * odd_p + ((q2 * q) * odd_q + m[5]);
  }
};

/// Both dimensions of a transform from N x N to M x M values: in(i, j) reads, out(i, j, value) takes.
template <int N, int M, class Step, class In, class Out>
STRATA_INLINE inline void transform_square(Step step, In in, Out out) {
  V half[M][N];
  strata::detail::unroll<N>([&](auto j) STRATA_INLINE {
    V column[N], result[M];
    strata::detail::unroll<N>([&](auto i) STRATA_INLINE { column[i] = in(i, j); });
    step(column, result);
    strata::detail::unroll<M>([&](auto i) STRATA_INLINE { half[i][j] = result[i]; });
  });
  strata::detail::unroll<M>([&](auto i) STRATA_INLINE {
    V result[M];
    step(half[i], result);
    strata::detail::unroll<M>([&](auto j) STRATA_INLINE { out(i, j, result[j]); });
  });
}

// The transforms of a tile are functions of their own and take strides at run time, so that all shapes share them.

/// B^T d B of one tile for all its channels: d is side x side pixels of `channels` floats, rows row_stride apart. Reads
/// and writes whole vectors.
template <int M>
[[gnu::noinline]] void winograd_data(const float* d, std::ptrdiff_t row_stride, std::ptrdiff_t channels, float* to,
                                     std::ptrdiff_t position_stride) {
  constexpr int side = M + 2;
  STRATA_NOUNROLL
  for (std::ptrdiff_t c = 0; c < channels; c += lanes, d += lanes, to += lanes)
    transform_square<side, side>([](const auto& in, auto& out) STRATA_INLINE { winograd_transform<M>::data(in, out); },
                                 [&](auto i, auto j) STRATA_INLINE { return load(d + i * row_stride + j * channels); },
                                 [&](auto i, auto j, V v)
                                     STRATA_INLINE { store(to + (i * side + j) * position_stride, v); });
}

/// G g G^T for `count` filters of one channel, at most a vector of them: g is nine rows of filters, tap_stride apart.
/// Lanes that have no filter become zero.
template <int M>
[[gnu::noinline]] void winograd_kernel(const float* g, std::ptrdiff_t tap_stride, int count, float* to,
                                       std::ptrdiff_t position_stride) {
  constexpr int side = M + 2;
  float tail[9 * lanes] = {};
  if (count < lanes) {
    for (int tap = 0; tap < 9; ++tap)
      for (int i = 0; i < count; ++i) tail[tap * lanes + i] = g[tap * tap_stride + i];
    g = tail;
    tap_stride = lanes;
  }
  transform_square<3, side>([](const auto& in, auto& out) STRATA_INLINE { winograd_transform<M>::kernel(in, out); },
                            [&](auto i, auto j) STRATA_INLINE { return load(g + (i * 3 + j) * tap_stride); },
                            [&](auto i, auto j, V v)
                                STRATA_INLINE { store(to + (i * side + j) * position_stride, v); });
}

/// A^T m A of one tile for one vector of filters.
template <int M>
[[gnu::noinline]] void winograd_output(const float* m, std::ptrdiff_t position_stride, V (&y)[M][M]) {
  constexpr int side = M + 2;
  transform_square<side, M>([](const auto& in, auto& out) STRATA_INLINE { winograd_transform<M>::output(in, out); },
                            [&](auto i, auto j) STRATA_INLINE { return load(m + (i * side + j) * position_stride); },
                            [&](auto i, auto j, V v) STRATA_INLINE { y[i][j] = v; });
}

}  // namespace STRATA_ISA
}  // namespace strata::cpu
