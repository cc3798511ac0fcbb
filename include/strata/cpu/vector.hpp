// Vectors of the CPU: the widest the compiler's flags allow, in the compiler's own vector types.
#pragma once

#include <strata/core/backend.hpp>
#include <strata/core/config.hpp>
#include <strata/core/math.hpp>
#include <strata/core/type_list.hpp>

#include <cstdint>
#include <cstring>
#include <type_traits>

// Every non-template of the engine lives in a namespace named after its instruction set, so that two files compiled
// with different flags link into one program without sharing code.
#if defined(__AVX512F__) && defined(__AVX512DQ__) && defined(__AVX512BW__) && defined(__AVX512VL__)
#define STRATA_ISA avx512
#elif defined(__AVX2__) && defined(__FMA__)
#define STRATA_ISA avx2
#elif defined(__ARM_NEON)
#define STRATA_ISA neon
#else
#define STRATA_ISA generic
#endif

// Bits of the vectors of which the processor reads and writes parts, by a mask.
#if defined(__AVX512F__) && defined(__AVX512VL__) && defined(__AVX512DQ__) && defined(__AVX512BW__) && \
    !defined(__CUDACC__)
#define STRATA_MASKS 512
#elif defined(__AVX2__) && defined(__FMA__) && !defined(__CUDACC__)
#define STRATA_MASKS 256
#else
#define STRATA_MASKS 0
#endif

namespace strata::cpu {
inline namespace STRATA_ISA {

/// Floats in a vector.
inline constexpr int lanes = native_isa == Isa::avx512 ? 16 : native_isa == Isa::avx2 ? 8 : 4;

/// Vector registers that a kernel's tile may count on.
inline constexpr int registers = native_isa == Isa::avx512 || native_isa == Isa::neon ? 32 : 16;

typedef float V __attribute__((vector_size(lanes * sizeof(float))));
typedef std::int32_t VI __attribute__((vector_size(lanes * sizeof(float))));

/// The lanes of a vector that begins at element i of n: all of them, or what is left.
constexpr int lanes_at(int i, int n) { return n - i < lanes ? n - i : lanes; }

/// 0, 1, 2, ...
STRATA_INLINE inline VI lane_numbers() {
  VI lane{};
  for (int i = 0; i < lanes; ++i) lane[i] = i;
  return lane;
}

/// The scalar in all lanes. (A constant that is mixed with a vector of 64 bytes crashes the front end of CUDA 13's
/// nvcc.)
STRATA_INLINE inline V broadcast(float s) { return V{} + s; }
STRATA_INLINE inline VI broadcast(std::int32_t s) { return VI{} + s; }

/// Reads the first `count` floats, less than a vector; the other lanes become those of `rest`. Nothing behind is read.
/// Through memory, as the plain form goes, a part of a vector costs ten times a whole one.
STRATA_INLINE inline V load_first(const float* from, int count, V rest = V{}) {
#if STRATA_MASKS == 512
  return __builtin_ia32_loadups512_mask(from, rest, static_cast<unsigned short>((1u << count) - 1));
#elif STRATA_MASKS == 256
  const VI mask = lane_numbers() < count;
  return select(mask, V(__builtin_ia32_maskloadps256(reinterpret_cast<const V*>(from), mask)), rest);
#else
  std::memcpy(&rest, from, static_cast<std::size_t>(count) * sizeof(float));
  return rest;
#endif
}

/// Writes the first `count` floats, less than a vector.
STRATA_INLINE inline void store_first(float* to, int count, V v) {
#if STRATA_MASKS == 512
  __builtin_ia32_storeups512_mask(to, v, static_cast<unsigned short>((1u << count) - 1));
#elif STRATA_MASKS == 256
  __builtin_ia32_maskstoreps256(reinterpret_cast<V*>(to), lane_numbers() < count, v);
#else
  std::memcpy(to, &v, static_cast<std::size_t>(count) * sizeof(float));
#endif
}

/// Reads the first Count floats, the other lanes become zero.
template <int Count = lanes>
STRATA_INLINE inline V load(const float* from) {
  if constexpr (Count >= lanes) {
    V v;
    std::memcpy(&v, from, sizeof(V));
    return v;
  } else {
    return load_first(from, Count);
  }
}

/// Writes the first Count floats.
template <int Count = lanes>
STRATA_INLINE inline void store(float* to, V v) {
  if constexpr (Count >= lanes)
    std::memcpy(to, &v, sizeof(V));
  else
    store_first(to, Count, v);
}

/// The same integer, of which the compiler knows nothing any more.
STRATA_INLINE inline int opaque(int i) {
  __asm__("" : "+r"(i));
  return i;
}

/// The same vector, kept in a register: g++ otherwise makes a constant anew, through a slow move, wherever it is used.
STRATA_INLINE inline VI opaque(VI v) {
#if defined(__x86_64__)
  __asm__("" : "+v"(v));
#endif
  return v;
}

/// Lanes as numbers of fewer bits, and back. (What is spelled out here, g++ 12 would convert lane by lane.)
template <class Narrow>
STRATA_INLINE inline Narrow narrowed(VI v) {
#if STRATA_MASKS == 256 && !defined(__clang__)
  if constexpr (sizeof(Narrow) == lanes) {
    typedef std::uint8_t Bytes __attribute__((vector_size(32)));
    return __builtin_shufflevector(Bytes(v), Bytes(v), 0, 4, 8, 12, 16, 20, 24, 28);
  }
#endif
  return __builtin_convertvector(v, Narrow);
}
template <class Narrow>
STRATA_INLINE inline VI widened(Narrow n) {
#if STRATA_MASKS > 0 && !defined(__clang__)
  if constexpr (sizeof(Narrow) == lanes) {
    typedef char Bytes __attribute__((vector_size(16)));
#if STRATA_MASKS == 512
    return VI(__builtin_ia32_pmovzxbd512_mask(Bytes(n), VI{}, 0xffff));
#else
    typedef std::uint64_t Longs __attribute__((vector_size(16)));
    std::uint64_t bits;  // not into a part of a vector, which would go through memory
    std::memcpy(&bits, &n, sizeof n);
    return VI(__builtin_ia32_pmovzxbd256(Bytes(Longs{bits, 0})));
#endif
  }
#endif
  return __builtin_convertvector(n, VI);
}

/// True in the lanes where a or b is not a number.
STRATA_INLINE inline VI are_unordered(V a, V b) { return (a != a) | (b != b); }

/// The sum of all lanes, in a fixed order.
STRATA_INLINE inline float sum(V v) {
  float s[lanes];
  std::memcpy(s, &v, sizeof(V));
  for (int width = lanes / 2; width > 0; width /= 2)
    for (int i = 0; i < width; ++i) s[i] += s[i + width];
  return s[0];
}

/// Calls f(channel, integral_constant<int, count>) for the vectors that cover N channels: whole ones, then the tail.
template <int N, class F>
STRATA_INLINE inline void for_vectors(F&& f) {
  for (int c = 0; c + lanes <= N; c += lanes) f(c, std::integral_constant<int, lanes>{});
  if constexpr (N % lanes != 0) f(N - N % lanes, std::integral_constant<int, N % lanes>{});
}

}  // namespace STRATA_ISA
}  // namespace strata::cpu
