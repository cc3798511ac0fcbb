// The exponentials of a row of scores and their sum: what softmax and the cross-entropy share.
#pragma once

#include <strata/core/math.hpp>
#include <strata/cpu/vector.hpp>

#include <algorithm>

namespace strata::cpu {
inline namespace STRATA_ISA {

/// One step of fold_lanes: lanes `Distance` apart, then nearer ones.
template <int Distance, class T, class Op, int... I>
STRATA_INLINE inline T fold_halves(const T& x, Op op, std::integer_sequence<int, I...> lane) {
#if defined(__CUDACC__)  // whose front end gives this builtin another type
  T other = x;
  ((other[I] = x[I ^ Distance]), ...);
#else
  const T other = __builtin_shufflevector(x, x, (I ^ Distance)...);
#endif
  const T folded = op(x, other);
  if constexpr (Distance > 1)
    return fold_halves<Distance / 2>(folded, op, lane);
  else
    return folded;
}

/// op over all lanes of a vector, halves first; op is associative but for rounding.
template <class T, class Op>
STRATA_INLINE inline auto fold_lanes(const T& x, Op op) {
  return fold_halves<lanes / 2>(x, op, std::make_integer_sequence<int, lanes>{})[0];
}

/// Calls f(first, load, store) for the vectors that cover n elements: whole ones, then the tail. load(from, rest) reads
/// a vector's elements, beyond the last one `rest`; store(to, V) writes them.
template <class F>
STRATA_INLINE inline void for_row(int n, F f) {
  int c = 0;
  for (; c + lanes <= n; c += lanes)
    f(
        c, [](const float* from, float) STRATA_INLINE { return load(from); },
        [](float* to, V v) STRATA_INLINE { store(to, v); });
  if (c < n)
    f(
        c, [=](const float* from, float rest) STRATA_INLINE { return load_first(from, n - c, broadcast(rest)); },
        [=](float* to, V v) STRATA_INLINE { store_first(to, n - c, v); });
}

/// The largest of n scores; a NaN is passed over.
STRATA_INLINE inline float largest_of(const float* x, int n) {
#if defined(__CUDA_ARCH__)  // while nvcc compiles for the device, vectors in shared text would be errors
  return 0;
#else
  V largest = broadcast(-__builtin_inff());
  for_row(n,
          [&](int c, auto read, auto) STRATA_INLINE { largest = maximum(V(read(x + c, -__builtin_inff())), largest); });
  return fold_lanes(largest, [](const V& a, const V& b) STRATA_INLINE { return maximum(a, b); });
#endif
}

/// The sum of exp(x - largest) over n scores; the terms go to `terms`, unless that is null. The sum is NaN where a
/// score is, and where the largest is infinite.
STRATA_INLINE inline float sum_of_exponentials(const float* x, int n, float largest, float* terms) {
#if defined(__CUDA_ARCH__)
  return 0;
#else
  V total{};
  for_row(n, [&](int c, auto read, auto write) STRATA_INLINE {
    const V e = exponential(read(x + c, -__builtin_inff()) - largest);
    total += e;
    if (terms) write(terms + c, e);
  });
  return fold_lanes(total, [](const V& a, const V& b) STRATA_INLINE { return a + b; });
#endif
}

/// Rows of `floats` that one task takes, so that a task is worth handing out and a small batch is one task.
constexpr int rows_per_task(std::int64_t floats) { return static_cast<int>(std::max<std::int64_t>(1, 4096 / floats)); }

}  // namespace STRATA_ISA
}  // namespace strata::cpu
