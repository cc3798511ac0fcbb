// Matrices in the registers of a warp: where each number lies, by the PTX manual, and what becomes of it.
#include <simt/faults.hpp>
#include <strata/cuda/launch.hpp>
#include <strata/cuda/primitives.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

using namespace strata::cuda;
using simt_test::complaint;
using simt_test::says;

namespace {

std::uint32_t bits_of(float x) {
  std::uint32_t bits;
  std::memcpy(&bits, &x, 4);
  return bits;
}

float float_of(std::uint32_t bits) {
  float x;
  std::memcpy(&x, &bits, 4);
  return x;
}

enum class Type { tf32, bf16 };

template <Type T>
struct ProductSpec {
  static constexpr Type type = T;
};

/// Lane l: registers a[4], b[2] in, c[4] in and out.
template <class S>
__global__ void product(const unsigned* a, const unsigned* b, float* c) {
  unsigned ra[4], rb[2];
  float rc[4];
  for (unsigned i = 0; i < 4; ++i) ra[i] = a[lane() * 4 + i];
  for (unsigned i = 0; i < 2; ++i) rb[i] = b[lane() * 2 + i];
  for (unsigned i = 0; i < 4; ++i) rc[i] = c[lane() * 4 + i];
  if constexpr (S::type == Type::tf32)
    mma_m16n8k8_tf32(rc, ra, rb);
  else
    mma_m16n8k16_bf16(rc, ra, rb);
  for (unsigned i = 0; i < 4; ++i) c[lane() * 4 + i] = rc[i];
}

struct Matrix {
  int rows, columns;
  std::vector<float> values;

  Matrix(int r, int c, int seed) : rows(r), columns(c) {
    for (int i = 0; i < r * c; ++i) values.push_back(static_cast<float>((i * 37 + seed * 11) % 17 - 8));
  }
  float& at(int r, int c) { return values[static_cast<std::size_t>(r * columns + c)]; }
};

template <Type T>
void check_product() {
  constexpr int k = T == Type::tf32 ? 8 : 16;
  Matrix a(16, k, 1), b(k, 8, 2), c(16, 8, 3);
  const auto packed = [](float first, float second) {  // bf16 is a float's upper half
    return bits_of(first) >> 16 | (bits_of(second) & 0xffff0000u);
  };
  std::vector<unsigned> ra(128), rb(64);
  std::vector<float> rc(128);
  for (int l = 0; l < 32; ++l) {
    const int group = l / 4, in_group = l % 4;
    for (int i = 0; i < 4; ++i) {
      const int row = i == 0 || i == 2 ? group : group + 8;
      const auto at = static_cast<std::size_t>(l * 4 + i);
      if (T == Type::tf32) {
        ra[at] = bits_of(a.at(row, i < 2 ? in_group : in_group + 4));
      } else {
        const int column = in_group * 2 + (i < 2 ? 0 : 8);
        ra[at] = packed(a.at(row, column), a.at(row, column + 1));
      }
      rc[at] = c.at(i < 2 ? group : group + 8, in_group * 2 + (i & 1));
    }
    for (int i = 0; i < 2; ++i) {
      const int row = T == Type::tf32 ? in_group + 4 * i : in_group * 2 + 8 * i;
      rb[static_cast<std::size_t>(l * 2 + i)] =
          T == Type::tf32 ? bits_of(b.at(row, group)) : packed(b.at(row, group), b.at(row + 1, group));
    }
  }
  launch<product<ProductSpec<T>>>({.grid = {1}, .block = {32}}, static_cast<const unsigned*>(ra.data()),
                                  static_cast<const unsigned*>(rb.data()), rc.data());
  for (int l = 0; l < 32; ++l)
    for (int i = 0; i < 4; ++i) {
      const int row = l / 4 + (i < 2 ? 0 : 8), column = l % 4 * 2 + (i & 1);
      float expected = c.at(row, column);
      for (int j = 0; j < k; ++j) expected += a.at(row, j) * b.at(j, column);
      BOOST_TEST(rc[static_cast<std::size_t>(l * 4 + i)] == expected);
    }
}

template <int Matrices, Turned Turn, int Offset = 0>
struct LoadSpec {
  static constexpr int matrices = Matrices, offset = Offset;
  static constexpr Turned turn = Turn;
};

template <class S>
__global__ void load_some(unsigned* out) {
  struct alignas(16) Rows {
    unsigned short number[32][8];
  };
  auto& rows = shared<Rows>();
  for (unsigned i = 0; i < 8; ++i) rows.number[lane()][i] = static_cast<unsigned short>(lane() * 8 + i);
  sync_block();
  unsigned r[S::matrices];
  load_matrices<S::matrices, S::turn>(r, &rows.number[lane()][S::offset]);
  for (int i = 0; i < S::matrices; ++i) out[lane() * S::matrices + static_cast<unsigned>(i)] = r[i];
}

template <int Matrices, Turned Turn>
void check_load() {
  for (const simt::Schedule& schedule : simt::three_schedules) {
    const simt::Machine machine({.schedule = schedule});
    std::vector<unsigned> out(32 * Matrices);
    launch<load_some<LoadSpec<Matrices, Turn>>>({.grid = {1}, .block = {32}}, out.data());
    for (unsigned l = 0; l < 32; ++l)
      for (unsigned m = 0; m < Matrices; ++m) {
        const unsigned row = l / 4, column = l % 4 * 2;
        const auto number = [&](unsigned r, unsigned c) {
          return m * 64 + (Turn == Turned::yes ? c * 8 + r : r * 8 + c);
        };
        BOOST_TEST(out[l * Matrices + m] == (number(row, column) | number(row, column + 1) << 16));
      }
  }
}

struct FromGlobal {};
template <class S>
__global__ void load_from_global(const unsigned short* rows, unsigned* out) {
  unsigned r[1];
  load_matrices(r, rows + lane() * 8);
  out[lane()] = r[0];
}

}  // namespace

BOOST_AUTO_TEST_SUITE(matrices)

BOOST_AUTO_TEST_CASE(products) {
  check_product<Type::tf32>();
  check_product<Type::bf16>();
}

BOOST_AUTO_TEST_CASE(lower_bits_of_tf32_do_not_count) {
  std::vector<unsigned> a(128, bits_of(1.0f) | 0x1fff), b(64, bits_of(1.0f));
  std::vector<float> c(128, 0.0f);
  launch<product<ProductSpec<Type::tf32>>>({.grid = {1}, .block = {32}}, static_cast<const unsigned*>(a.data()),
                                           static_cast<const unsigned*>(b.data()), c.data());
  for (const float x : c) BOOST_TEST(x == 8.0f);
}

BOOST_AUTO_TEST_CASE(rounding_to_tf32) {
  const auto rounded = [](float x) { return float_of(to_tf32(x)); };
  BOOST_TEST(rounded(1.0f) == 1.0f);
  BOOST_TEST(rounded(1.0f + 0x1p-11f) == 1.0f + 0x1p-10f);  // a tie goes away from zero
  BOOST_TEST(rounded(-1.0f - 0x1p-11f) == -1.0f - 0x1p-10f);
  BOOST_TEST(rounded(1.0f + 0x1p-12f) == 1.0f);
  BOOST_TEST(rounded(1.0f + 0x1.8p-10f + 0x1p-20f) == 1.0f + 0x1p-9f);
  BOOST_TEST(rounded(-0.0f) == 0.0f);
  BOOST_TEST(rounded(std::numeric_limits<float>::max()) == std::numeric_limits<float>::infinity());
  BOOST_TEST(rounded(-std::numeric_limits<float>::infinity()) == -std::numeric_limits<float>::infinity());
  BOOST_TEST(std::isnan(rounded(float_of(0x7f800001u))));
}

BOOST_AUTO_TEST_CASE(loads) {
  check_load<1, Turned::no>();
  check_load<1, Turned::yes>();
  check_load<2, Turned::no>();
  check_load<2, Turned::yes>();
  check_load<4, Turned::no>();
  check_load<4, Turned::yes>();
}

BOOST_AUTO_TEST_CASE(bad_addresses) {
  std::vector<unsigned> out(32);
  std::string text =
      complaint([&] { launch<load_some<LoadSpec<1, Turned::no, 4>>>({.grid = {1}, .block = {32}}, out.data()); });
  BOOST_TEST(says(text, "load_some", "load_matrices at matrices.cpp:", "of 16 bytes", "8 bytes behind a multiple"),
             text);
  std::vector<unsigned short> rows(256);
  text = complaint([&] {
    launch<load_from_global<FromGlobal>>({.grid = {1}, .block = {32}}, static_cast<const unsigned short*>(rows.data()),
                                         out.data());
  });
  BOOST_TEST(says(text, "load_matrices at matrices.cpp:", "not in the block's shared memory"), text);
}

BOOST_AUTO_TEST_SUITE_END()
