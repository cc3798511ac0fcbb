// What this machine can do at most, measured in this process: multiply-adds, and reading memory.
#pragma once

#include <strata/core/buffer.hpp>
#include <strata/cpu/pool.hpp>
#include <strata/cpu/vector.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace bench {

/// The limits for a number of threads.
struct Limits {
  double gflops = 0;         ///< multiply-adds count twice
  double cache_gbytes = 0;   ///< per second, reading 4 MiB a thread again and again: the third-level cache
  double memory_gbytes = 0;  ///< reading 128 MiB a thread
};

namespace detail {

inline double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// The shortest of many runs of a region in which every thread does `work(thread)`.
template <class Work>
double shortest(strata::cpu::Pool& pool, int runs, Work work) {
  double best = 1e30;
  for (int i = 0; i < runs; ++i) {
    const double begin = seconds();
    pool.run(pool.threads(), [&](int task, int) { work(task); });
    best = std::min(best, seconds() - begin);
  }
  return best;
}

/// `rounds` times 12 multiply-adds in 12 chains, enough for two units of 4 to 5 cycles. The chains begin at different
/// numbers, or the compiler would see that they are one.
[[gnu::noinline]] inline float multiply_add(int rounds, float start) {
  using strata::cpu::V;
  const V zero{}, a = zero + .999f, b = zero + .001f;
  V c0 = zero + start, c1 = c0 + 1, c2 = c0 + 2, c3 = c0 + 3, c4 = c0 + 4, c5 = c0 + 5, c6 = c0 + 6, c7 = c0 + 7;
  V c8 = c0 + 8, c9 = c0 + 9, c10 = c0 + 10, c11 = c0 + 11;
  for (int i = 0; i < rounds; ++i) {
    c0 = c0 * a + b, c1 = c1 * a + b, c2 = c2 * a + b, c3 = c3 * a + b;
    c4 = c4 * a + b, c5 = c5 * a + b, c6 = c6 * a + b, c7 = c7 * a + b;
    c8 = c8 * a + b, c9 = c9 * a + b, c10 = c10 * a + b, c11 = c11 * a + b;
  }
  return (((c0 + c1) + (c2 + c3)) + ((c4 + c5) + (c6 + c7)) + ((c8 + c9) + (c10 + c11)))[0];
}

[[gnu::noinline]] inline float read_all(const float* from, std::int64_t floats) {
  using strata::cpu::lanes, strata::cpu::load, strata::cpu::V;
  V sum[8] = {};
  for (std::int64_t i = 0; i < floats; i += 8 * lanes)
    for (int k = 0; k < 8; ++k) sum[k] += load(from + i + k * lanes);
  return (((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7])))[0];
}

inline double read_gbytes(strata::cpu::Pool& pool, std::int64_t bytes, int runs) {
  const strata::AlignedBuffer buffer(static_cast<std::size_t>(bytes * pool.threads()));
  for (std::int64_t i = 0; i < bytes / 4 * pool.threads(); i += 16) buffer.floats()[i] = 1;  // pages of their own
  volatile float sink = 0;
  const double time =
      shortest(pool, runs, [&](int task) { sink = read_all(buffer.floats() + task * (bytes / 4), bytes / 4); });
  return static_cast<double>(bytes) * pool.threads() / time * 1e-9;
}

}  // namespace detail

/// Measures the limits of a pool's threads; about a second.
inline Limits measure_limits(strata::cpu::Pool& pool) {
  constexpr int rounds = 20'000;
  volatile float start = .5f, sink = 0;
  const double time = detail::shortest(pool, 2000, [&](int) { sink = detail::multiply_add(rounds, start); });
  Limits limits;
  limits.gflops = 2e-9 * 12 * strata::cpu::lanes * rounds * pool.threads() / time;
  limits.cache_gbytes = detail::read_gbytes(pool, 4 << 20, 200);
  limits.memory_gbytes = detail::read_gbytes(pool, 128 << 20, 8);
  return limits;
}

}  // namespace bench
