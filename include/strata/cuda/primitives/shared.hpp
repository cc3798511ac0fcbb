// Shared memory, declared: by type where its size is known, and the part whose size the launch gives.
#pragma once

#include <strata/cuda/machine.hpp>

#include <type_traits>

namespace strata::cuda {
inline namespace STRATA_SIDE {
namespace detail {

template <class T, int Place>
inline constexpr char shared_key = 0;

}  // namespace detail

/// The block's T, with no value yet:
///
///     auto& tile = shared<float[32][33]>();
///
/// Each type and Place is one object: two objects of one type take two Places.
template <class T, int Place = 0>
STRATA_DEVICE T& shared([[maybe_unused]] Site site = STRATA_HERE) {
  static_assert(std::is_trivially_default_constructible_v<T> && std::is_trivially_destructible_v<T>);
#if defined(__CUDACC__)
  __shared__ alignas(16) T object;
  return object;
#else
  constexpr std::size_t alignment = alignof(T) < 16 ? 16 : alignof(T);
  return *static_cast<T*>(machine::shared(&detail::shared_key<T, Place>, sizeof(T), alignment, site));
#endif
}

/// The block's dynamic shared memory, `Launch::shared_bytes` long. It begins at a multiple of 128 bytes.
template <class T>
STRATA_DEVICE T* dynamic_shared([[maybe_unused]] Site site = STRATA_HERE) {
#if defined(__CUDACC__)
  extern __shared__ __align__(128) unsigned char strata_dynamic_shared[];
  return reinterpret_cast<T*>(strata_dynamic_shared);
#else
  return static_cast<T*>(machine::dynamic_shared(site));
#endif
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
