// Small matrices spread over the registers of a warp: loaded from shared memory (ldmatrix), multiplied (mma.sync).
//
// Lane l holds row l / 4; its columns follow from l % 4. In words of the PTX manual, with g = l / 4 and t = l % 4:
//
//     m16n8k8, tf32     a[0..3] = A(g, t), A(g + 8, t), A(g, t + 4), A(g + 8, t + 4)      16 x 8
//                       b[0..1] = B(t, g), B(t + 4, g)                                    8 x 8
//     m16n8k16, bf16    a[0..3] = A(g, 2t), A(g + 8, 2t), A(g, 2t + 8), A(g + 8, 2t + 8)  16 x 16, each with the column
//                       b[0..1] = B(2t, g), B(2t + 8, g)                                  behind it, for b the row
//     both              c[0..3] = C(g, 2t), C(g, 2t + 1), C(g + 8, 2t), C(g + 8, 2t + 1)  16 x 8
#pragma once

#include <strata/core/math.hpp>
#include <strata/cuda/primitives/thread.hpp>

#include <cstring>

#if defined(__CUDACC__)
#include <cuda_runtime.h>
#endif

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// A float as the tensor cores read it in tf32: 10 bits of mantissa, rounded to nearest, ties away from zero.
STRATA_DEVICE unsigned to_tf32(float x) {
#if defined(__CUDACC__)
  unsigned bits;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
  return bits;
#else
  const auto bits = strata::detail::same_bits<unsigned>(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return 0x7fffffffu;  // NaN
  if ((bits & 0x7fffffffu) == 0x7f800000u) return bits;        // infinity
  return (bits + 0x1000u) & 0xffffe000u;
#endif
}

#if !defined(__CUDACC__)
namespace detail {

/// What a tensor core sees of a register that holds tf32: the lower bits are not there.
STRATA_DEVICE float from_tf32(unsigned bits) { return strata::detail::same_bits<float>(bits & 0xffffe000u); }

/// One half of a register that holds two bf16.
STRATA_DEVICE float from_bf16(unsigned pair, unsigned half) {
  return strata::detail::same_bits<float>(half == 0 ? pair << 16 : pair & 0xffff0000u);
}

/// The registers of one lane that go into a product.
struct Operands {
  float c[4];
  unsigned a[4], b[2];
};

struct Accumulators {
  float c[4];
};

/// C + A B, where Element says which number a register of a lane holds.
template <int K, class Element>
STRATA_DEVICE void multiply(const Operands (&in)[warp_size], Accumulators (&out)[warp_size], Element element) {
  constexpr unsigned each = K / 8;  // numbers in one register
  float a[16][K], b[K][8];
  for (unsigned l = 0; l < warp_size; ++l)
    for (unsigned h = 0; h < each; ++h) {
      const unsigned g = l / 4, t = l % 4 * each + h;
      for (unsigned i = 0; i < 4; ++i) a[g + i % 2 * 8][t + i / 2 * 4 * each] = element(in[l].a[i], h);
      for (unsigned i = 0; i < 2; ++i) b[t + i * 4 * each][g] = element(in[l].b[i], h);
    }
  for (unsigned l = 0; l < warp_size; ++l)
    for (unsigned i = 0; i < 4; ++i) {
      const unsigned row = l / 4 + i / 2 * 8, column = l % 4 * 2 + i % 2;
      float sum = in[l].c[i];
      for (int k = 0; k < K; ++k) sum += a[row][k] * b[k][column];
      out[l].c[i] = sum;
    }
}

template <class Meeting>
STRATA_DEVICE void meet_to_multiply(const char* what, float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2],
                                    Meeting meeting, Site site) {
  Operands operands;
  std::memcpy(operands.c, c, sizeof c);
  std::memcpy(operands.a, a, sizeof a);
  std::memcpy(operands.b, b, sizeof b);
  Accumulators sums;
  machine::meet(what, all_lanes, operands, sums, meeting, site);
  std::memcpy(c, sums.c, sizeof c);
}

}  // namespace detail
#endif

/// c += A B over the whole warp, A 16 x 8 and B 8 x 8 in tf32, sums in float.
STRATA_DEVICE void mma_m16n8k8_tf32(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2],
                                    [[maybe_unused]] Site site = STRATA_HERE) {
#if defined(__CUDACC__)
  asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, "
      "%3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  detail::meet_to_multiply(
      "mma_m16n8k8_tf32", c, a, b,
      [](const detail::Operands(&in)[warp_size], detail::Accumulators(&out)[warp_size]) {
        detail::multiply<8>(in, out, [](unsigned word, unsigned) { return detail::from_tf32(word); });
      },
      site);
#endif
}

/// c += A B over the whole warp, A 16 x 16 and B 16 x 8 in bf16, two to a register, sums in float.
STRATA_DEVICE void mma_m16n8k16_bf16(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2],
                                     [[maybe_unused]] Site site = STRATA_HERE) {
#if defined(__CUDACC__)
  asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, "
      "%3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  detail::meet_to_multiply(
      "mma_m16n8k16_bf16", c, a, b,
      [](const detail::Operands(&in)[warp_size], detail::Accumulators(&out)[warp_size]) {
        detail::multiply<16>(in, out, [](unsigned word, unsigned half) { return detail::from_bf16(word, half); });
      },
      site);
#endif
}

/// Whether ldmatrix turns each matrix over on its way.
enum class Turned { no, yes };

/// Loads 1, 2 or 4 matrices of 8 x 8 numbers of 16 bits from shared memory. Lane l gives the address of row l % 8 of
/// matrix l / 8, a multiple of 16 bytes; addresses beyond the last matrix are not looked at. Register i receives, of
/// matrix i or what it looks like turned over, elements 2 (l % 4) and the one behind it of row l / 4. Two numbers of 16
/// bits may also be one of 32: this is how tf32 is loaded.
template <int Matrices, Turned Turn = Turned::no>
STRATA_DEVICE void load_matrices(unsigned (&r)[Matrices], const void* row, [[maybe_unused]] Site site = STRATA_HERE) {
  static_assert(Matrices == 1 || Matrices == 2 || Matrices == 4);
#if defined(__CUDACC__)
  const auto address = static_cast<unsigned>(__cvta_generic_to_shared(row));
  if constexpr (Matrices == 1 && Turn == Turned::no)
    asm volatile("ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%0}, [%1];" : "=r"(r[0]) : "r"(address));
  else if constexpr (Matrices == 1)
    asm volatile("ldmatrix.sync.aligned.m8n8.x1.trans.shared.b16 {%0}, [%1];" : "=r"(r[0]) : "r"(address));
  else if constexpr (Matrices == 2 && Turn == Turned::no)
    asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0, %1}, [%2];" : "=r"(r[0]), "=r"(r[1]) : "r"(address));
  else if constexpr (Matrices == 2)
    asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0, %1}, [%2];"
                 : "=r"(r[0]), "=r"(r[1])
                 : "r"(address));
  else if constexpr (Turn == Turned::no)
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(address));
  else
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(address));
#else
  using Row = const unsigned short*;
  struct Registers {
    unsigned r[Matrices];
  };
  if (lane() < Matrices * 8) machine::read_row(row, site);
  Registers loaded;
  machine::meet(
      "load_matrices", all_lanes, static_cast<Row>(row), loaded,
      [](const Row(&in)[warp_size], Registers(&out)[warp_size]) {
        for (unsigned l = 0; l < warp_size; ++l)
          for (unsigned m = 0; m < Matrices; ++m) {
            const unsigned i = l / 4, j = l % 4 * 2;
            const Row* rows = in + m * 8;
            const unsigned first = Turn == Turned::yes ? rows[j][i] : rows[i][j];
            const unsigned second = Turn == Turned::yes ? rows[j + 1][i] : rows[i][j + 1];
            out[l].r[m] = first | second << 16;
          }
      },
      site);
  std::memcpy(r, loaded.r, sizeof r);
#endif
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
