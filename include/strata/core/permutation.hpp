// A shuffled order of n items that needs no memory: a keyed permutation of [0, n).
#pragma once

#include <strata/core/config.hpp>
#include <strata/core/philox.hpp>

#include <cstdint>

namespace strata {

/// A pseudo-random permutation of 0 .. n-1, computed item by item: `order(i)` is the item at place i.
///
/// It holds no table, so any thread, process or device that knows (n, seed, epoch) finds the same order, from any place
/// on. It is an alternating Feistel network over the w = ceil(log2 n) bits of an index, split into a low half of
/// floor(w / 2) bits and a high half of the rest:
///
///     even round r:  low  ^= f(high, key_r) mod 2^low_bits
///     odd round r:   high ^= f(low, key_r)  mod 2^high_bits
///
/// which is a bijection of [0, 2^w) whatever f is (Luby and Rackoff 1988). Results that fall outside [0, n) are sent
/// through again (cycle walking; Black and Rogaway 2002), fewer than twice on average since 2^w < 2n. f is the 32-bit
/// finaliser of MurmurHash3, its keys are Philox words of the stream `shuffle`. This shuffles; it is not meant to keep
/// a secret.
class Permutation {
 public:
  /// The order of `n` items in one epoch. `n` is at most 2^63. Another seed or another epoch gives another order.
  constexpr Permutation(std::uint64_t n, std::uint64_t seed, std::uint64_t epoch) : n_(n) {
    int bits = 0;
    while (bits < 63 && (std::uint64_t{1} << bits) < n) ++bits;
    low_bits_ = bits / 2;
    high_bits_ = bits - low_bits_;
    // In a small domain a round has few choices: with 8 of them the 720 orders of 6 items come up unevenly.
    rounds_ = bits > 8 ? 8 : 24;
    const philox::Draw draw{philox::Key(seed), static_cast<std::uint32_t>(epoch), philox::Stream::shuffle, 0};
    const auto epoch_high = static_cast<std::uint32_t>(epoch >> 32);
    for (int r = 0; r < rounds_; ++r) keys_[r] = philox::word(draw, epoch_high, static_cast<std::uint32_t>(r));
  }

  /// The item at place `i`, for i < size().
  STRATA_HD constexpr std::uint64_t operator()(std::uint64_t i) const {
    if (n_ < 2) return i;
    do {
      i = scramble(i);
    } while (i >= n_);
    return i;
  }

  /// The number of items.
  STRATA_HD constexpr std::uint64_t size() const { return n_; }

 private:
  // The finaliser of MurmurHash3 with the key brought in before and between its two multiplications.
  STRATA_HD static constexpr std::uint32_t f(std::uint32_t x, std::uint32_t key) {
    x += key;
    x = (x ^ (x >> 16)) * 0x85ebca6bu;
    x = (x ^ (x >> 13) ^ key) * 0xc2b2ae35u;
    return x ^ (x >> 16);
  }

  STRATA_HD constexpr std::uint64_t scramble(std::uint64_t i) const {
    const std::uint32_t low_mask = static_cast<std::uint32_t>((std::uint64_t{1} << low_bits_) - 1);
    const std::uint32_t high_mask = static_cast<std::uint32_t>((std::uint64_t{1} << high_bits_) - 1);
    std::uint32_t low = static_cast<std::uint32_t>(i) & low_mask;
    std::uint32_t high = static_cast<std::uint32_t>(i >> low_bits_) & high_mask;
    for (int r = 0; r < rounds_; r += 2) {
      low ^= f(high, keys_[r]) & low_mask;
      high ^= f(low, keys_[r + 1]) & high_mask;
    }
    return std::uint64_t{high} << low_bits_ | low;
  }

  std::uint64_t n_;
  int low_bits_ = 0;
  int high_bits_ = 0;
  int rounds_ = 0;
  std::uint32_t keys_[24] = {};
};

}  // namespace strata
