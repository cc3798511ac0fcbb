// Products of floats on tensor cores, by precision.
//
// Tf32 rounds each factor to 10 bits of mantissa: a product is off by at most 2^-10 of itself, 2^-12 in the mean.
//
// Fp32 takes each factor apart, x = big + small + rest, big and small in tf32 and |rest| <= 2^-22 |x|, and adds three
// products. The fourth, small * small, is at most 2^-22 of the whole and left out:
//
//     a b = small_a big_b + big_a small_b + big_a big_b
//
// Tensor cores sum less carefully than other floats are summed, and NVIDIA does not say how. So Fp32 lets them sum no
// more than 8 products at once, and adds these sums in plain floats.
#pragma once

#include <strata/cuda/precision.hpp>
#include <strata/cuda/primitives.hpp>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// N floats of a lane, as a product in precision P takes them.
template <class P, int N>
struct Factors;

template <int N>
struct Factors<Tf32, N> {
  unsigned value[N];

  STRATA_DEVICE void set(int i, float x) { value[i] = to_tf32(x); }
};

template <int N>
struct Factors<Fp32, N> {
  unsigned big[N], small[N];

  STRATA_DEVICE void set(int i, float x) {
    big[i] = to_tf32(x);
    small[i] = to_tf32(x - strata::detail::same_bits<float>(big[i]));
  }
};

/// c += A B over the whole warp, A 16 x 8 and B 8 x 8.
STRATA_DEVICE void multiply_add(float (&c)[4], const Factors<Tf32, 4>& a, const Factors<Tf32, 2>& b) {
  mma_m16n8k8_tf32(c, a.value, b.value);
}

STRATA_DEVICE void multiply_add(float (&c)[4], const Factors<Fp32, 4>& a, const Factors<Fp32, 2>& b) {
  float sum[4] = {};
  mma_m16n8k8_tf32(sum, a.small, b.big);
  mma_m16n8k8_tf32(sum, a.big, b.small);
  mma_m16n8k8_tf32(sum, a.big, b.big);
  STRATA_UNROLL
  for (int i = 0; i < 4; ++i) c[i] += sum[i];
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
