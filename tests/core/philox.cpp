// Philox4x32-10: the published known answers, the layout that strata fixed, and vectors that agree with single words.
#include <strata/core/philox.hpp>
#include <strata/cpu/vector.hpp>

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>

using namespace strata;

namespace {

typedef std::uint32_t Four __attribute__((vector_size(16)));
typedef std::uint32_t Wide __attribute__((vector_size(sizeof(cpu::V))));  // the widest of this file's flags

constexpr bool equal(const philox::Words<std::uint32_t>& w, std::uint32_t a, std::uint32_t b, std::uint32_t c,
                     std::uint32_t d) {
  return w.w0 == a && w.w1 == b && w.w2 == c && w.w3 == d;
}

// Known answers of Random123 (Salmon et al.), file kat_vectors: philox4x32-10.
static_assert(equal(philox::words<std::uint32_t>(0, 0, 0, 0, philox::Key(0)), 0x6627e8d5, 0xe169c58d, 0xbc57ac4c,
                    0x9b00dbd8));
static_assert(equal(philox::words<std::uint32_t>(~0u, ~0u, ~0u, ~0u, philox::Key(~std::uint64_t{0})), 0x408f276d,
                    0x41c83b0e, 0xa20bc7c6, 0x6d5451fd));
static_assert(equal(philox::words<std::uint32_t>(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344,
                                                 philox::Key(0x299f31d0a4093822)),
                    0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1));

constexpr philox::Draw draw{philox::Key(0x0123456789abcdef), 11, philox::Stream::dropout, 5};

template <class U>
void check_vector() {
  constexpr unsigned lanes = sizeof(U) / 4;
  for (std::uint32_t element = 0; element < 200; ++element) {
    const U words = philox::words_of<U>(draw, 3, element);
    for (unsigned lane = 0; lane < lanes; ++lane) BOOST_TEST(words[lane] == philox::word(draw, 3, element + lane));
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(philox_numbers)

BOOST_AUTO_TEST_CASE(known_answers_of_vectors) {
  const auto w =
      philox::words<Four>(Four{0, ~0u, 0x243f6a88, 0}, Four{0, ~0u, 0x85a308d3, 0}, Four{0, ~0u, 0x13198a2e, 0},
                          Four{0, ~0u, 0x03707344, 0}, philox::Key(0x299f31d0a4093822));
  BOOST_TEST(w.w0[2] == 0xd16cfe09);
  BOOST_TEST(w.w1[2] == 0x94fdcceb);
  BOOST_TEST(w.w2[2] == 0x5001e420);
  BOOST_TEST(w.w3[2] == 0x24126ea1);
}

// Files and runs depend on it: key = seed, counter = (c, sample, step, stream << 24 | layer), element e takes word
// (e / 16) % 4 of counter c = e / 64 * 16 + e % 16.
BOOST_AUTO_TEST_CASE(layout) {
  static_assert(static_cast<int>(philox::Stream::initializer) == 1 && static_cast<int>(philox::Stream::dropout) == 2 &&
                static_cast<int>(philox::Stream::shuffle) == 3 && static_cast<int>(philox::Stream::augmentation) == 4 &&
                static_cast<int>(philox::Stream::synthetic) == 5);
  for (std::uint32_t e = 0; e < 300; ++e) {
    const auto w = philox::words<std::uint32_t>(e / 64 * 16 + e % 16, 3, 11, 2u << 24 | 5u, draw.key);
    const std::uint32_t word[] = {w.w0, w.w1, w.w2, w.w3};
    BOOST_TEST(philox::word(draw, 3, e) == word[e / 16 % 4]);
  }
  BOOST_TEST(philox::Key(0x0123456789abcdef).low == 0x89abcdef);
  BOOST_TEST(philox::Key(0x0123456789abcdef).high == 0x01234567u);
}

BOOST_AUTO_TEST_CASE(vectors_are_their_lanes) {
  check_vector<Four>();
  check_vector<Wide>();
  BOOST_TEST(philox::words_of<std::uint32_t>(draw, 3, 77) == philox::word(draw, 3, 77));
}

BOOST_AUTO_TEST_CASE(uniform_numbers) {
  BOOST_TEST(philox::uniform(0) == 0);
  BOOST_TEST(philox::uniform(255) == 0);
  BOOST_TEST(philox::uniform(256) == 0x1p-24f);
  BOOST_TEST(philox::uniform(~0u) == 1 - 0x1p-24f);
  double sum = 0, squares = 0;
  const int n = 100000;
  for (std::uint32_t e = 0; e < n; ++e) {
    const double u = static_cast<double>(philox::uniform(philox::word(draw, 0, e)));
    sum += u;
    squares += u * u;
  }
  BOOST_TEST(std::abs(sum / n - 0.5) < 4 / std::sqrt(12.0 * n));
  BOOST_TEST(std::abs(squares / n - 1.0 / 3) < 4 * std::sqrt(4.0 / 45 / n));
}

BOOST_AUTO_TEST_SUITE_END()
