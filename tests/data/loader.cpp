// The loader: every byte through every preprocessing, tails, channels in the other order, floats as they are.
#include <strata/data/loader.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstdint>
#include <vector>

using namespace strata;

namespace {

/// Whether every float is scale * byte + offset, rounded correctly.
template <class In>
void check(unsigned first) {
  using P = typename In::preprocessing;
  constexpr Shape shape = In::output().shape;
  const auto n = static_cast<std::size_t>(shape.size());
  const int channels = shape.channels;
  std::vector<std::uint8_t> bytes(n);
  for (std::size_t i = 0; i < n; ++i) bytes[i] = static_cast<std::uint8_t>(first + i * 7);
  Sample sample;
  sample.shape = shape;
  sample.bytes = bytes;
  std::vector<float> to(n + 1, -1000);
  Loader<In>{}.load(sample, to.data());
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const int c = static_cast<int>(i) % channels;
    const std::size_t source =
        P::reverses_channels ? i - static_cast<std::size_t>(c) * 2 + static_cast<std::size_t>(channels) - 1 : i;
    const long double exact = static_cast<long double>(bytes[source]) * static_cast<long double>(P::scale(c)) +
                              static_cast<long double>(P::offset(c));
    wrong += to[i] != static_cast<float>(exact);
  }
  BOOST_TEST(wrong == 0u, P::name << ", " << n << " values");
  BOOST_TEST(to[n] == -1000);
}

template <class In>
void check_bytes() {
  for (unsigned first = 0; first < 256; first += 5) check<In>(first);
}

/// Two channels in the other order, each alike.
struct Swapped : Unit {
  static constexpr bool reverses_channels = true;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(loader)

BOOST_AUTO_TEST_CASE(bytes) {
  check_bytes<Input<1>>();
  check_bytes<Input<63>>();
  check_bytes<Input<64>>();
  check_bytes<Input<300>::with<Centered>>();
  check_bytes<Input<28, 28, 1>>();
  check_bytes<Input<5, 7, 3, Scaled<2, 255, -1, 1>>>();
}

BOOST_AUTO_TEST_CASE(channels) {
  check_bytes<Input<1, 1, 3, Caffe>>();
  check_bytes<Input<5, 7, 3, Caffe>>();
  check_bytes<Input<16, 16, 3, Torch>>();
  check_bytes<Input<3, 11, 3, Torch>>();
  check_bytes<Input<5, 7, 2, Swapped>>();
}

BOOST_AUTO_TEST_CASE(floats_stay) {
  std::vector<float> from(20), to(21, -1);
  for (std::size_t i = 0; i < 20; ++i) from[i] = static_cast<float>(i) / 3;
  Sample sample;
  sample.shape = Shape::vector(20);
  sample.floats = from;
  Loader<Input<20>::with<Centered>>{}.load(sample, to.data());
  for (std::size_t i = 0; i < 20; ++i) BOOST_TEST(to[i] == from[i]);
  BOOST_TEST(to[20] == -1);
}

BOOST_AUTO_TEST_SUITE_END()
