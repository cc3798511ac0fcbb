// Memory in one access: 1 to 16 bytes of a thread, and sums that no other thread can split.
#pragma once

#include <strata/cuda/machine.hpp>

#include <cstring>
#include <type_traits>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// N neighbours of an array, held in registers.
template <class T, int N>
struct Packet {
  T value[N];

  STRATA_HD constexpr T& operator[](int i) { return value[i]; }
  STRATA_HD constexpr const T& operator[](int i) const { return value[i]; }
};

#if defined(__CUDACC__)
namespace detail {

template <std::size_t Bytes>
using word_of = std::conditional_t<
    Bytes == 1, unsigned char,
    std::conditional_t<Bytes == 2, unsigned short,
                       std::conditional_t<Bytes == 4, unsigned, std::conditional_t<Bytes == 8, uint2, uint4>>>>;

}  // namespace detail
#endif

/// Reads N neighbours, together 1, 2, 4, 8 or 16 bytes, at an address that is a multiple of their size.
template <int N, class T>
STRATA_DEVICE Packet<T, N> load(const T* from, [[maybe_unused]] Site site = STRATA_HERE) {
  constexpr std::size_t bytes = N * sizeof(T);
  static_assert(std::is_trivially_copyable_v<T> && bytes <= 16 && (bytes & (bytes - 1)) == 0);
  Packet<T, N> packet;
#if defined(__CUDACC__)
  const auto word = *reinterpret_cast<const detail::word_of<bytes>*>(from);
  std::memcpy(&packet, &word, bytes);
#else
  machine::load(&packet, from, bytes, site);
#endif
  return packet;
}

/// Writes N neighbours, together 1, 2, 4, 8 or 16 bytes, at an address that is a multiple of their size.
template <int N, class T>
STRATA_DEVICE void store(T* to, const Packet<T, N>& packet, [[maybe_unused]] Site site = STRATA_HERE) {
  constexpr std::size_t bytes = N * sizeof(T);
  static_assert(std::is_trivially_copyable_v<T> && bytes <= 16 && (bytes & (bytes - 1)) == 0);
#if defined(__CUDACC__)
  detail::word_of<bytes> word;
  std::memcpy(&word, &packet, bytes);
  *reinterpret_cast<detail::word_of<bytes>*>(to) = word;
#else
  machine::store(to, &packet, bytes, site);
#endif
}

/// Adds to an integer that other threads add to; returns what it was. Integers alone: the sum of floats would depend on
/// the order.
template <class T>
STRATA_DEVICE T atomic_add(T* object, std::type_identity_t<T> increment, [[maybe_unused]] Site site = STRATA_HERE) {
  static_assert(std::is_same_v<T, int> || std::is_same_v<T, unsigned> || std::is_same_v<T, unsigned long long>);
#if defined(__CUDACC__)
  return atomicAdd(object, increment);
#else
  machine::atomic(
      object, sizeof(T),
      [](void* number, void* operand) {
        T &sum = *static_cast<T*>(number), &more = *static_cast<T*>(operand);
        const T before = sum;
        sum = static_cast<T>(sum + more);
        more = before;
      },
      &increment, site);
  return increment;
#endif
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
