// Random words drawn by a kernel, against the CPU's, one by one and by the vector.
#include <simt/accesses.hpp>
#include <simt/simt.hpp>
#include <strata/cpu/vector.hpp>
#include <strata/cuda/random.cuh>

#include <boost/test/unit_test.hpp>

#include <cstring>
#include <vector>

using namespace strata;

namespace {

const philox::Draw draw{philox::Key(0x123456789abcdef), 0, philox::Stream::dropout, 5};

std::vector<std::uint32_t> drawn(unsigned samples, unsigned elements, std::uint32_t first_sample,
                                 std::uint32_t number) {
  simt::Global<std::uint32_t> words(std::size_t{samples} * elements);
  const simt::Global<std::uint32_t> step(1, number);
  cuda::random_words(nullptr, draw, step.data(), first_sample, samples, elements, words.data());
  return {words.begin(), words.end()};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(random_words)

BOOST_AUTO_TEST_CASE(are_those_of_the_cpu) {
  for (const simt::Schedule& schedule : simt::three_schedules) {
    const simt::Machine machine({.schedule = schedule});
    for (const unsigned elements : {1u, 15u, 64u, 100u, 600u}) {
      const auto words = drawn(3, elements, 7, 42);
      philox::Draw now = draw;
      now.step = 42;
      for (unsigned sample = 0; sample < 3; ++sample)
        for (unsigned e = 0; e < elements; ++e)
          BOOST_TEST(words[sample * elements + e] == philox::word(now, 7 + sample, e));
    }
  }
}

#if !defined(__CUDACC__)                          // to which vectors are no words
BOOST_AUTO_TEST_CASE(are_those_of_the_vectors) {  // which draw the masks of Dropout
  using U = detail::lanes_of<cpu::V>::words;
  constexpr unsigned lanes = sizeof(U) / 4, elements = 640;
  const auto words = drawn(1, elements, 3, 9);
  philox::Draw now = draw;
  now.step = 9;
  for (unsigned e = 0; e < elements; e += lanes) {
    const U vector = philox::words_of<U>(now, 3, e);
    BOOST_TEST(std::memcmp(&vector, &words[e], sizeof vector) == 0);
  }
}
#endif

BOOST_AUTO_TEST_CASE(moves_no_more_than_it_must, *boost::unit_test::precondition(simt_test::sees_accesses)) {
  simt::Global<std::uint32_t> words(4 * 256);
  const simt::Global<std::uint32_t> step(1, 1u);
  const simt::Traffic traffic;
  cuda::random_words(nullptr, draw, step.data(), 0, 4, 256, words.data());
  BOOST_TEST(traffic.worst_sectors() == 1, traffic.report());
}

BOOST_AUTO_TEST_SUITE_END()
