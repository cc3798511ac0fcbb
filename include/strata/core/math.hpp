// Arithmetic that is written once for a float, a vector of the CPU and a device's float.
//
// Vectors are the compiler's own (`__attribute__((vector_size(N)))`): operators and scalars mixed in work on them as
// they are. What lies beyond operators is here, and no function of it branches on a value.
#pragma once

#include <strata/core/config.hpp>

#include <cstdint>
#include <cstring>
#include <type_traits>

namespace strata {
namespace detail {

template <class T>
struct lanes_of {
  static constexpr int count = static_cast<int>(sizeof(T) / sizeof(float));
  typedef std::int32_t ints __attribute__((vector_size(sizeof(T))));
  typedef std::uint32_t words __attribute__((vector_size(sizeof(T))));
  typedef float floats __attribute__((vector_size(sizeof(T))));
};

template <class T>
requires std::is_arithmetic_v<T>
struct lanes_of<T> {
  static constexpr int count = 1;
  using ints = std::int32_t;
  using words = std::uint32_t;
  using floats = float;
};

/// The bits of one type as another of the same size.
template <class To, class From>
STRATA_HD STRATA_INLINE inline To same_bits(const From& from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(&to, &from, sizeof(To));
  return to;
}

/// Lane by lane conversion between integers and floats, as static_cast.
template <class To, class From>
STRATA_HD STRATA_INLINE inline To convert(const From& from) {
  if constexpr (std::is_arithmetic_v<From>)
    return static_cast<To>(from);
  else
    return __builtin_convertvector(from, To);
}

}  // namespace detail

/// `mask ? a : b`, lane by lane. The mask is what a comparison of two T yields.
template <class T, class Mask>
STRATA_HD STRATA_INLINE inline T select(const Mask& mask, const T& a, const T& b) {
#if !defined(__CUDACC__)
  return mask ? a : b;
#else  // nvcc takes no vector as a condition
  if constexpr (std::is_arithmetic_v<T>) {
    return mask ? a : b;
  } else {
    using I = typename detail::lanes_of<T>::ints;
    const I m = detail::same_bits<I>(mask);
    return detail::same_bits<T>((detail::same_bits<I>(a) & m) | (detail::same_bits<I>(b) & ~m));
  }
#endif
}

/// The larger of two values; b where they are not comparable.
template <class T>
STRATA_HD STRATA_INLINE inline T maximum(const T& a, const T& b) {
#if defined(__GNUC__) && !defined(__clang__) && !defined(__CUDACC__)
  return a > b ? a : b;  // g++ makes one instruction of it, for vectors too
#else
  return select(a > b, a, b);
#endif
}

/// The smaller of two values; b where they are not comparable.
template <class T>
STRATA_HD STRATA_INLINE inline T minimum(const T& a, const T& b) {
#if defined(__GNUC__) && !defined(__clang__) && !defined(__CUDACC__)
  return a < b ? a : b;
#else
  return select(a < b, a, b);
#endif
}

/// |x|.
template <class T>
STRATA_HD STRATA_INLINE inline T absolute(const T& x) {
  using I = typename detail::lanes_of<T>::ints;
  return detail::same_bits<T>(detail::same_bits<I>(x) & 0x7fffffff);
}

/// The square root.
template <class T>
STRATA_HD STRATA_INLINE inline T square_root(const T& x) {
  if constexpr (std::is_arithmetic_v<T>) {
    return __builtin_sqrtf(x);
#if defined(__SSE__) && !defined(__CUDA_ARCH__)  // loops over lanes would check each for errno
#if defined(__AVX512F__)
  } else if constexpr (sizeof(T) == 64) {
#if defined(__clang__)
    return __builtin_ia32_sqrtps512(x, 4);
#else
    return __builtin_ia32_sqrtps512_mask(x, x, static_cast<std::int16_t>(-1), 4);
#endif
#endif
#if defined(__AVX__)
  } else if constexpr (sizeof(T) == 32) {
    return __builtin_ia32_sqrtps256(x);
#endif
  } else if constexpr (sizeof(T) == 16) {
    return __builtin_ia32_sqrtps(x);
#endif
  } else {
    T y = x;
    for (int i = 0; i < detail::lanes_of<T>::count; ++i) y[i] = __builtin_sqrtf(x[i]);
    return y;
  }
}

namespace detail {

/// e^x = 2^n (1 + q).
template <class T>
struct ReducedExponential {
  typename lanes_of<T>::ints n;
  T q;
};

/// x = n ln 2 + r with |r| <= ln 2 / 2, and q = e^r - 1 by the polynomial r + r^2 q(r) of the sixth power whose largest
/// error, relative to e^r, is the least (2^-28, by Remez' exchange). For -87.3 <= x <= 88.7.
template <class T>
STRATA_HD STRATA_INLINE inline ReducedExponential<T> reduce_exponential(const T& x) {
  using I = typename lanes_of<T>::ints;
  const T scaled = x * 1.44269504f;
  const I n = convert<I>(scaled + select(scaled < 0.0f, T{} - 0.5f, T{} + 0.5f));
  const T k = convert<T>(n);
  const T r = (x - k * 0.693145752f) - k * 1.42860677e-6f;
  T p = r * 1.38143206e-3f + 8.36885107e-3f;
  p = p * r + 4.16684011e-2f;
  p = p * r + 1.66665195e-1f;
  p = p * r + 4.99999934e-1f;
  p = p * r + 1.0f;
  return {n, p * r};
}

}  // namespace detail

/// e^x to 2 units in the last place: 0 below -87.3, infinity above 88.7, NaN for NaN. 2^n goes in two factors because n
/// reaches 128.
template <class T>
STRATA_HD STRATA_INLINE inline T exponential(const T& x) {
  using I = typename detail::lanes_of<T>::ints;
  const T low = T{} - 87.336f, high = T{} + 88.7228f;
  const auto [n, q] = detail::reduce_exponential(minimum(maximum(x, low), high));
  const T p = q + 1.0f;
  const I half = n >> 1, rest = n - half;
  const T y = p * detail::same_bits<T>((half + 127) << 23) * detail::same_bits<T>((rest + 127) << 23);
  const T huge = T{} + __builtin_inff();
  return select(x < low, T{}, select(x > high, huge, select(x == x, y, x)));
}

/// e^x - 1 to 2 units in the last place, near 0 too: infinity above 88.3, NaN for NaN.
template <class T>
STRATA_HD STRATA_INLINE inline T exponential_minus_one(const T& x) {
  const T low = T{} - 87.336f, high = T{} + 88.3f;
  const auto [n, q] = detail::reduce_exponential(minimum(maximum(x, low), high));
  const T power = detail::same_bits<T>((n + 127) << 23);
  const T y = (power - 1.0f) + power * q;
  const T huge = T{} + __builtin_inff();
  return select(x > high, huge, select(x == x, y, x));
}

}  // namespace strata
