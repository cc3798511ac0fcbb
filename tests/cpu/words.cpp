// Random words by the block: the same words as one at a time, for every place of a vector and any order of visits.
#include <strata/cpu/backend.hpp>
#include <strata/cpu/words.hpp>
#include <strata/layers.hpp>

#include <boost/test/unit_test.hpp>

#include <type_traits>
#include <vector>

using namespace strata;
using cpu::lanes;
using cpu::V;
using cpu::VU;

namespace {

constexpr philox::Draw draw{philox::Key(0x0123456789abcdef), 11, philox::Stream::dropout, 5};

bool right(const VU& words, std::uint32_t sample, std::uint32_t element) {
  bool same = true;
  for (std::uint32_t lane = 0; lane < lanes; ++lane)
    same = same && words[lane] == philox::word(draw, sample, element + lane);
  return same;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(random_words)

BOOST_AUTO_TEST_CASE(every_place) {
  cpu::RandomWords words;
  for (std::uint32_t element = 0; element < 700; ++element)
    BOOST_TEST(right(words.at(draw, 3, element), 3, element), "element " << element);
  for (std::uint32_t element = 0; element < 700; ++element) {
    cpu::RandomWords fresh;
    BOOST_TEST(right(fresh.at(draw, 3, element), 3, element), "element " << element << " alone");
  }
}

BOOST_AUTO_TEST_CASE(any_order) {
  cpu::RandomWords words;
  for (std::uint32_t i = 0; i < 2000; ++i) {
    const std::uint32_t element = i * 7919 % 4099, sample = i / 3 % 5;
    BOOST_TEST(right(words.at(draw, sample, element), sample, element), "sample " << sample << ", element " << element);
  }
  for (const std::uint32_t sample : {1u, 2u, 1u}) BOOST_TEST(right(words.at(draw, sample, 32), sample, 32));
  BOOST_TEST(right(words.at(draw, ~0u, ~0u - 127), ~0u, ~0u - 127));  // the last block there is
  BOOST_TEST(right(words.at(draw, 0, 0), 0, 0));
}

BOOST_AUTO_TEST_CASE(a_chain_draws_the_same_with_and_without) {
  using G = GroupSpec<Cpu<>, Mode::training, Image<5, 7, 20>, Dropout<50>, ReLU, Dropout<20>>;
  using Chain = cpu::BeforeReduction<G>;
  const std::int64_t saved[] = {-1, -1, 0, -1};  // backward reads the rectifier's output
  std::vector<float> kept(2 * 704), output(2 * 704);
  cpu::GroupArgs a;
  a.batch = 2;
  a.saved = saved;
  a.step = 9;
  a.layer = 3;
  a.workspace = reinterpret_cast<std::byte*>(kept.data());
  a.output = output.data();
  int dropped = 0;
  for (int sample = 0; sample < 2; ++sample) {
    Chain::Words words;
    for (int index = 0; index + lanes <= 700; index += index % 3 == 0 ? 20 : 1) {
      const V x = V{} + 1.0f;
      const V plain = Chain::forward<lanes>(a, sample, index, x);
      const V held = Chain::forward<lanes>(a, sample, index, x, words);
      cpu::store<lanes>(output.data() + sample * 704 + index, plain);
      const V plain_gradient = Chain::backward<lanes>(a, sample, index, x);
      const V held_gradient = Chain::backward<lanes>(a, sample, index, x, words);
      for (int lane = 0; lane < lanes; ++lane) {
        BOOST_TEST(plain[lane] == held[lane]);
        BOOST_TEST(plain_gradient[lane] == held_gradient[lane]);
        dropped += plain[lane] == 0;
      }
    }
  }
  BOOST_TEST(dropped > 0);
}

BOOST_AUTO_TEST_CASE(empty_where_nothing_draws) {
  using Plain = GroupSpec<Cpu<>, Mode::training, Image<5, 7, 20>, ReLU, MaxPool<2>, Dropout<20>>;
  BOOST_TEST((std::is_empty_v<cpu::BeforeReduction<Plain>::Words>));
  BOOST_TEST((!std::is_empty_v<cpu::AfterReduction<Plain>::Words>));
  using Prediction = GroupSpec<Cpu<>, Mode::inference, Vector<20>, Dropout<20>, ReLU>;
  BOOST_TEST((std::is_empty_v<cpu::BeforeReduction<Prediction>::Words>));
}

BOOST_AUTO_TEST_SUITE_END()
