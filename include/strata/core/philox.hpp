// Philox4x32-10: random numbers as a function of a key and a counter, and the layout in which strata uses it.
//
// Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011. There is no state: any thread of
// any backend computes the number of any element, so masks and orders agree everywhere.
//
// The layout, fixed for all time:
//     key      = the model's seed, low word and high word
//     counter  = (c, sample, step, stream << 24 | layer)
//     element e of a sample takes word (e / 16) % 4 of the counter c = (e / 64) * 16 + e % 16
// Sixteen neighbours thus take the same word of sixteen neighbouring counters: a vector of 4, 8 or 16 lanes computes
// its own words without a shuffle, and the four vectors of 64 elements share one evaluation.
#pragma once

#include <strata/core/config.hpp>
#include <strata/core/math.hpp>

#include <array>
#include <cstdint>
#include <type_traits>

namespace strata::philox {

/// What a draw is for. Streams never overlap.
enum class Stream : std::uint32_t { initializer = 1, dropout = 2, shuffle = 3, augmentation = 4, synthetic = 5 };

/// The seed as a key.
struct Key {
  std::uint32_t low = 0, high = 0;

  constexpr Key() = default;
  constexpr explicit Key(std::uint64_t seed)
      : low(static_cast<std::uint32_t>(seed)), high(static_cast<std::uint32_t>(seed >> 32)) {}
};

/// The four words of one evaluation. U is std::uint32_t or a vector of them.
template <class U>
struct Words {
  U w0, w1, w2, w3;
};

namespace detail {

/// Twice as wide lanes as those of U.
template <class U>
struct wide_lanes {
  typedef std::uint64_t type __attribute__((vector_size(2 * sizeof(U))));
};

/// High and low word of the product of a and a constant.
template <class U>
STRATA_HD STRATA_INLINE constexpr void multiply(const U& a, std::uint32_t m, U& high, U& low) {
  if constexpr (std::is_integral_v<U>) {
    const std::uint64_t product = std::uint64_t{a} * m;
    high = static_cast<std::uint32_t>(product >> 32);
    low = static_cast<std::uint32_t>(product);
  } else {
    using wide = typename wide_lanes<U>::type;
    const wide product = __builtin_convertvector(a, wide) * std::uint64_t{m};
    high = __builtin_convertvector(product >> 32, U);
    low = a * m;
  }
}

}  // namespace detail

/// Ten rounds over the counter (c0, c1, c2, c3).
template <class U>
STRATA_HD STRATA_INLINE constexpr Words<U> words(U c0, U c1, U c2, U c3, Key key) {
  std::uint32_t k0 = key.low, k1 = key.high;
  for (int round = 0; round < 10; ++round) {
    U high0{}, low0{}, high1{}, low1{};
    detail::multiply(c0, 0xD2511F53u, high0, low0);
    detail::multiply(c2, 0xCD9E8D57u, high1, low1);
    const U n0 = high1 ^ c1 ^ k0, n2 = high0 ^ c3 ^ k1;
    c0 = n0;
    c1 = low1;
    c2 = n2;
    c3 = low0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return {c0, c1, c2, c3};
}

/// Where draws come from, apart from the sample and the element.
struct Draw {
  Key key{};
  std::uint32_t step = 0;
  Stream stream = Stream::initializer;
  std::uint32_t layer = 0;  ///< below 2^24

  STRATA_HD constexpr std::uint32_t last_word() const { return static_cast<std::uint32_t>(stream) << 24 | layer; }
};

/// The word of one element of one sample.
STRATA_HD constexpr std::uint32_t word(const Draw& draw, std::uint32_t sample, std::uint32_t element) {
  const Words<std::uint32_t> w =
      words<std::uint32_t>((element >> 6) * 16 + (element & 15), sample, draw.step, draw.last_word(), draw.key);
  const std::uint32_t which = (element >> 4) & 3;
  return which == 0 ? w.w0 : which == 1 ? w.w1 : which == 2 ? w.w2 : w.w3;
}

/// The words of as many elements as U has lanes, from `element` on; in a vector each lane is the word of its element.
template <class U>
STRATA_HD STRATA_INLINE inline U words_of(const Draw& draw, std::uint32_t sample, std::uint32_t element) {
  if constexpr (std::is_integral_v<U>) {
    return word(draw, sample, element);
  } else {
    constexpr unsigned lanes = sizeof(U) / sizeof(std::uint32_t);
    U e{};
    for (unsigned i = 0; i < lanes; ++i) e[i] = element + i;
    const U c0 = (e >> 6) * 16 + (e & 15);
    const Words<U> w = words<U>(c0, U{} + sample, U{} + draw.step, U{} + draw.last_word(), draw.key);
    const U which = (e >> 4) & 3;
    return select(which == 0, w.w0, select(which == 1, w.w1, select(which == 2, w.w2, w.w3)));
  }
}

/// A word as a float in [0, 1): its upper 24 bits times 2^-24.
STRATA_HD constexpr float uniform(std::uint32_t word) { return static_cast<float>(word >> 8) * 0x1p-24f; }

}  // namespace strata::philox
