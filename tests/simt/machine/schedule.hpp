// Orders of turns, drawn from a seed.
#pragma once

#include <simt/machine/machine.hpp>

#include <cstdint>
#include <utility>
#include <vector>

namespace simt {

/// Numbers from a seed (SplitMix64).
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
  }

  /// A number below n.
  unsigned below(unsigned n) { return static_cast<unsigned>((next() >> 32) * n >> 32); }

 private:
  std::uint64_t state_;
};

/// 0 to n - 1, shuffled where the schedule says so.
inline void order(std::vector<unsigned>& numbers, unsigned n, const Schedule& schedule, Draws& draws) {
  numbers.resize(n);
  for (unsigned i = 0; i < n; ++i) numbers[i] = i;
  if (schedule.shuffled)
    for (unsigned i = n; i > 1; --i) std::swap(numbers[i - 1], numbers[draws.below(i)]);
}

/// Some order of the lanes of a warp: position i is the lane (first + i * step) % 32, with an odd step.
struct LaneOrder {
  unsigned first = 0, step = 1;

  LaneOrder(const Schedule& schedule, Draws& draws) {
    if (!schedule.shuffled) return;
    const std::uint64_t bits = draws.next();
    first = static_cast<unsigned>(bits & 31);
    step = static_cast<unsigned>(bits >> 32 & 31) | 1;
  }
  unsigned at(unsigned i) const { return (first + i * step) & 31; }
};

}  // namespace simt
