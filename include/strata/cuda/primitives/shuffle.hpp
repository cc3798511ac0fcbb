// Values passed between the lanes of a warp. None of these orders memory.
#pragma once

#include <strata/cuda/primitives/thread.hpp>

#include <type_traits>

namespace strata::cuda {
inline namespace STRATA_SIDE {
namespace detail {

#if !defined(__CUDACC__)
/// The value of the lane `source`, for each lane.
template <class T>
STRATA_DEVICE T take(const char* what, const T& value, unsigned source, unsigned lanes, Site site) {
  struct Offer {
    T value;
    unsigned source;
  };
  T taken;
  machine::meet(
      what, lanes, Offer{value, source}, taken,
      [](const Offer(&in)[warp_size], T(&out)[warp_size]) {
        for (unsigned l = 0; l < warp_size; ++l) out[l] = in[in[l].source % warp_size].value;
      },
      site);
  return taken;
}
#endif

template <class T>
concept shuffled = std::is_arithmetic_v<T> &&(sizeof(T) == 4 || sizeof(T) == 8);

}  // namespace detail

/// The value of the lane whose number differs in the bits of `bits`.
template <detail::shuffled T>
STRATA_DEVICE T shuffle_xor(T value, unsigned bits, unsigned lanes = all_lanes,
                            [[maybe_unused]] Site site = STRATA_HERE) {
#if defined(__CUDACC__)
  return __shfl_xor_sync(lanes, value, static_cast<int>(bits));
#else
  return detail::take("shuffle_xor", value, lane() ^ bits, lanes, site);
#endif
}

/// The value of the lane `distance` above; its own where there is none.
template <detail::shuffled T>
STRATA_DEVICE T shuffle_down(T value, unsigned distance, unsigned lanes = all_lanes,
                             [[maybe_unused]] Site site = STRATA_HERE) {
#if defined(__CUDACC__)
  return __shfl_down_sync(lanes, value, distance);
#else
  const unsigned self = lane();
  return detail::take("shuffle_down", value, self + distance < warp_size ? self + distance : self, lanes, site);
#endif
}

/// The value of the lane `source`.
template <detail::shuffled T>
STRATA_DEVICE T shuffle(T value, unsigned source, unsigned lanes = all_lanes,
                        [[maybe_unused]] Site site = STRATA_HERE) {
#if defined(__CUDACC__)
  return __shfl_sync(lanes, value, static_cast<int>(source));
#else
  return detail::take("shuffle", value, source, lanes, site);
#endif
}

/// One bit for each lane: whether its condition holds.
STRATA_DEVICE unsigned vote(bool condition, unsigned lanes = all_lanes, [[maybe_unused]] Site site = STRATA_HERE) {
#if defined(__CUDACC__)
  return __ballot_sync(lanes, condition);
#else
  unsigned votes = 0;
  machine::meet(
      "vote", lanes, static_cast<unsigned>(condition), votes,
      [](const unsigned(&in)[warp_size], unsigned(&out)[warp_size]) {
        unsigned all = 0;
        for (unsigned l = 0; l < warp_size; ++l) all |= static_cast<unsigned>(in[l] == 1) << l;
        for (unsigned& each : out) each = all;
      },
      site);
  return votes;
#endif
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
