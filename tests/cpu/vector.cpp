// Vectors of the CPU: tails touch nothing beyond them, and sums add every lane.
#include <strata/cpu/vector.hpp>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <vector>

using namespace strata;
using cpu::lanes;
using cpu::V;

namespace {

V counted() {
  V v{};
  for (int i = 0; i < lanes; ++i) v[i] = static_cast<float>(i + 1);
  return v;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(vector)

BOOST_AUTO_TEST_CASE(load_and_store_keep_to_their_lanes) {
  detail::unroll<lanes>([](auto i) {
    constexpr int count = i + 1;
    std::vector<float> from(count), to(2 * lanes, -1);  // a longer read would be seen by a sanitizer
    for (int k = 0; k < count; ++k) from[static_cast<std::size_t>(k)] = static_cast<float>(k + 1);
    const V v = cpu::load<count>(from.data());
    for (int lane = 0; lane < lanes; ++lane) BOOST_TEST(v[lane] == (lane < count ? static_cast<float>(lane + 1) : 0));
    cpu::store<count>(to.data() + 1, counted());
    for (int k = 0; k < 2 * lanes; ++k)
      BOOST_TEST(to[static_cast<std::size_t>(k)] == (k >= 1 && k <= count ? static_cast<float>(k) : -1));
  });
}

BOOST_AUTO_TEST_CASE(parts_of_a_length_known_when_running) {
  for (int count = 0; count < lanes; ++count) {
    std::vector<float> from(static_cast<std::size_t>(count)), to(2 * lanes, -1);
    for (int k = 0; k < count; ++k) from[static_cast<std::size_t>(k)] = static_cast<float>(k + 1);
    const V v = cpu::load_first(from.data(), count, V{} + 7.0f);
    for (int lane = 0; lane < lanes; ++lane) BOOST_TEST(v[lane] == (lane < count ? static_cast<float>(lane + 1) : 7));
    cpu::store_first(to.data() + 1, count, counted());
    for (int k = 0; k < 2 * lanes; ++k)
      BOOST_TEST(to[static_cast<std::size_t>(k)] == (k >= 1 && k <= count ? static_cast<float>(k) : -1));
  }
}

BOOST_AUTO_TEST_CASE(sum_of_lanes) {
  BOOST_TEST(cpu::sum(counted()) == static_cast<float>(lanes * (lanes + 1) / 2));
  for (int lane = 0; lane < lanes; ++lane) {
    V one{};
    one[lane] = 3;
    BOOST_TEST(cpu::sum(one) == 3);
  }
}

BOOST_AUTO_TEST_CASE(vectors_cover_every_element_once) {
  detail::unroll<40>([](auto n) {
    std::vector<int> seen(n + 1);
    cpu::for_vectors<n + 1>([&](int first, auto count) {
      BOOST_TEST(count <= lanes);
      BOOST_TEST(count == cpu::lanes_at(first, n + 1));
      for (int k = 0; k < count; ++k) ++seen[static_cast<std::size_t>(first + k)];
    });
    BOOST_TEST(std::all_of(seen.begin(), seen.end(), [](int times) { return times == 1; }));
  });
}

BOOST_AUTO_TEST_SUITE_END()
