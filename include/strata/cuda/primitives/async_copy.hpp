// Copies from global to shared memory that go on while the thread computes (cp.async).
//
// A thread starts copies, closes them into a group, and later waits until at most so many of its newest groups are
// still on their way. Only then may it read what it has copied, and other threads only behind a barrier that follows.
#pragma once

#include <strata/cuda/machine.hpp>

#if defined(__CUDACC__)
#include <cuda_runtime.h>
#endif

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// Starts a copy of 4, 8 or 16 bytes: the first `valid` ones from memory, the others zero. Both addresses are multiples
/// of Bytes. Where `valid` is 0, `from` is not read.
template <int Bytes>
STRATA_DEVICE void copy_async(void* to, const void* from, unsigned valid = Bytes,
                              [[maybe_unused]] Site site = STRATA_HERE) {
  static_assert(Bytes == 4 || Bytes == 8 || Bytes == 16);
#if defined(__CUDACC__)
  const auto address = static_cast<unsigned>(__cvta_generic_to_shared(to));
  if constexpr (Bytes == 16)  // past the first cache, which other sizes cannot
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(from), "r"(valid) : "memory");
  else
    asm volatile("cp.async.ca.shared.global [%0], [%1], %2, %3;" ::"r"(address), "l"(from), "n"(Bytes), "r"(valid)
                 : "memory");
#else
  machine::copy_async(to, from, Bytes, valid, site);
#endif
}

/// Closes the copies started since the last call into a group, which may be empty.
STRATA_DEVICE void commit_copies() {
#if defined(__CUDACC__)
  asm volatile("cp.async.commit_group;" ::: "memory");
#else
  machine::commit_copies();
#endif
}

/// Waits until at most InFlight groups of this thread, the newest, have not landed.
template <int InFlight>
STRATA_DEVICE void wait_copies([[maybe_unused]] Site site = STRATA_HERE) {
#if defined(__CUDACC__)
  asm volatile("cp.async.wait_group %0;" ::"n"(InFlight) : "memory");
#else
  machine::wait_copies(InFlight, site);
#endif
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
