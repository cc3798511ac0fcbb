// Sums and the like over a warp or a block, in an order that is always the same.
#pragma once

#include <strata/cuda/primitives/barrier.hpp>
#include <strata/cuda/primitives/shared.hpp>
#include <strata/cuda/primitives/shuffle.hpp>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// Operations of a reduction. Each must not care for the order of its two operands, so that all lanes get the same
/// bits.
struct Sum {
  template <class T>
  STRATA_HD constexpr T operator()(T a, T b) const {
    return a + b;
  }
};

struct Maximum {
  template <class T>
  STRATA_HD constexpr T operator()(T a, T b) const {
    return a > b ? a : b;
  }
};

/// Every lane's value joined, in every lane: halves, then quarters, down to neighbours. The whole warp takes part.
template <class Operation, class T>
STRATA_DEVICE T warp_reduce(T value, Site site = STRATA_HERE) {
  STRATA_UNROLL
  for (unsigned distance = warp_size / 2; distance > 0; distance /= 2)
    value = Operation{}(value, shuffle_xor(value, distance, all_lanes, site));
  return value;
}

/// Every thread's value joined, in every thread: each warp by itself, then the warps in their order. The whole block of
/// Threads threads, a multiple of 32, takes part, and may call it again at once.
template <class Operation, unsigned Threads, class T>
STRATA_DEVICE T block_reduce(T value, Site site = STRATA_HERE) {
  static_assert(Threads % warp_size == 0 && Threads <= 1024);
  value = warp_reduce<Operation>(value, site);
  if constexpr (Threads > warp_size) {
    constexpr unsigned warps = Threads / warp_size;
    struct Parts {
      T of_warp[warps];
    };
    auto& parts = shared<Parts>(site);
    sync_block(site);  // the last call's parts have been read
    if (lane() == 0) parts.of_warp[warp()] = value;
    sync_block(site);
    value = parts.of_warp[0];
    STRATA_UNROLL
    for (unsigned w = 1; w < warps; ++w) value = Operation{}(value, parts.of_warp[w]);
  }
  return value;
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
