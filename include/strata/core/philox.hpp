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

/// Numbers of 64 bits in as many bytes as U: each holds two of U's lanes.
template <class U>
struct pairs_of {
  typedef std::uint64_t type __attribute__((vector_size(sizeof(U))));
};

template <class U>
requires std::is_integral_v<U>
struct pairs_of<U> {
  using type = std::uint64_t;
};

/// The products of the lower halves of a's numbers and a constant. Processors multiply every other lane of 32 bits at
/// once; g++ 12 does not see by itself that the upper halves are zero.
template <class W>
STRATA_HD STRATA_INLINE constexpr W multiply(const W& a, std::uint32_t m) {
#if defined(__GNUC__) && !defined(__clang__) && !defined(__CUDACC__) && defined(__SSE2__)
  if constexpr (!std::is_integral_v<W>) {
    const W wide = W{} + m;
#if defined(__AVX512F__)
    if constexpr (sizeof(W) == 64) {
      typedef int ints __attribute__((vector_size(64)));
      typedef long long longs __attribute__((vector_size(64)));
      return W(__builtin_ia32_pmuludq512_mask(ints(a), ints(wide), longs{}, 0xff));
    }
#endif
#if defined(__AVX2__)
    if constexpr (sizeof(W) == 32) {
      typedef int ints __attribute__((vector_size(32)));
      return W(__builtin_ia32_pmuludq256(ints(a), ints(wide)));
    }
#endif
    if constexpr (sizeof(W) == 16) {
      typedef int ints __attribute__((vector_size(16)));
      return W(__builtin_ia32_pmuludq128(ints(a), ints(wide)));
    }
  }
#endif
  return (a & 0xffffffffu) * m;
}

/// Ten rounds on N counters in lockstep, so that their latencies overlap. Words are the lower halves of W's numbers;
/// what the upper halves hold is not cleared on the way.
template <int N, class W>
STRATA_HD STRATA_INLINE constexpr void rounds(Words<W> (&c)[N], Key key) {
  W k0 = W{} + key.low, k1 = W{} + key.high;
  STRATA_UNROLL
  for (int round = 0; round < 10; ++round) {
    STRATA_UNROLL
    for (int i = 0; i < N; ++i) {
      const W product0 = multiply(c[i].w0, 0xD2511F53u), product1 = multiply(c[i].w2, 0xCD9E8D57u);
      c[i] = {(product1 >> 32) ^ c[i].w1 ^ k0, product1, (product0 >> 32) ^ c[i].w3 ^ k1, product0};
    }
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
}

}  // namespace detail

/// Ten rounds over each of the counters (c[i].w0, c[i].w1, c[i].w2, c[i].w3), which the words replace.
template <int N, class U>
STRATA_HD STRATA_INLINE constexpr void evaluate(Words<U> (&c)[N], Key key) {
  using W = typename detail::pairs_of<U>::type;
  if constexpr (std::is_integral_v<U>) {
    Words<W> w[N]{};
    for (int i = 0; i < N; ++i) w[i] = {c[i].w0, c[i].w1, c[i].w2, c[i].w3};
    detail::rounds(w, key);
    for (int i = 0; i < N; ++i)
      c[i] = {static_cast<U>(w[i].w0), static_cast<U>(w[i].w1), static_cast<U>(w[i].w2), static_cast<U>(w[i].w3)};
  } else {
    Words<W> w[2 * N];  // even and odd lanes apart
    for (int i = 0; i < N; ++i) {
      w[2 * i] = {W(c[i].w0), W(c[i].w1), W(c[i].w2), W(c[i].w3)};
      w[2 * i + 1] = {w[2 * i].w0 >> 32, w[2 * i].w1 >> 32, w[2 * i].w2 >> 32, w[2 * i].w3 >> 32};
    }
    detail::rounds(w, key);
    const W low = W{} + 0xffffffffu;
    for (int i = 0; i < N; ++i) {
      const Words<W>&even = w[2 * i], &odd = w[2 * i + 1];
      c[i] = {U((even.w0 & low) | odd.w0 << 32), U((even.w1 & low) | odd.w1 << 32), U((even.w2 & low) | odd.w2 << 32),
              U((even.w3 & low) | odd.w3 << 32)};
    }
  }
}

/// Ten rounds over the counter (c0, c1, c2, c3).
template <class U>
STRATA_HD STRATA_INLINE constexpr Words<U> words(U c0, U c1, U c2, U c3, Key key) {
  Words<U> c[1] = {{c0, c1, c2, c3}};
  evaluate(c, key);
  return c[0];
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
