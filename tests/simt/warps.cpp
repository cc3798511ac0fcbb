// Meetings of a warp: their results, masks that are wrong, reductions in a fixed order.
#include <simt/faults.hpp>
#include <strata/cuda/launch.hpp>
#include <strata/cuda/primitives.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstdint>
#include <vector>

using namespace strata::cuda;
using simt_test::complaint;
using simt_test::says;

namespace {

struct Shuffles {};

/// Five numbers a lane.
template <class S>
__global__ void shuffles(double* out) {
  const double value = 100.0 + lane();
  double* const own = out + 5 * lane();
  own[0] = shuffle_xor(value, 5);
  own[1] = shuffle_down(value, 3);
  own[2] = shuffle(value, (lane() * 7) % 32);
  own[3] = vote(lane() % 3 == 0);
  // Halves of the warp meet by themselves, in a text of their own.
  if (lane() < 16)
    own[4] = shuffle_xor(static_cast<int>(lane()), 1, 0x0000ffff);
  else
    own[4] = shuffle(static_cast<int>(lane()), 31, 0xffff0000);
}

enum class Wrong { nothing, not_in_mask, other_mask, missing_lane, returned_lane, other_function, other_line };

template <Wrong Which>
struct MaskSpec {
  static constexpr Wrong which = Which;
};

template <class S>
__global__ void masks(int* out) {
  constexpr Wrong which = S::which;
  const unsigned l = lane();
  const int value = static_cast<int>(l);
  int result = 0;
  if constexpr (which == Wrong::nothing) {
    if (l < 8) result = shuffle_down(value, 1, 0xff);
  } else if constexpr (which == Wrong::not_in_mask) {
    if (l < 8) result = shuffle_down(value, 1, 0x7f);
  } else if constexpr (which == Wrong::other_mask) {
    result = shuffle_down(value, 1, l < 8 ? 0x1ff : 0xffff);
  } else if constexpr (which == Wrong::missing_lane) {
    if (l < 7) result = shuffle_down(value, 1, 0xff);
    if (l == 7) sync_block();
  } else if constexpr (which == Wrong::returned_lane) {
    sync_warp();
    if (l < 7) result = shuffle_down(value, 1, 0xff);
  } else if constexpr (which == Wrong::other_function) {
    result = l < 8 ? shuffle_down(value, 1) : shuffle_xor(value, 1);
  } else {
    if (l < 8)
      result = shuffle_down(value, 1);
    else
      result = shuffle_down(value, 1);
  }
  out[thread_rank()] = result;
}

template <Wrong Which>
std::string complaint_about(unsigned threads = 32) {
  std::vector<int> out(threads);
  return complaint([&] { launch<masks<MaskSpec<Which>>>({.grid = {1}, .block = {threads}}, out.data()); });
}

template <unsigned Threads>
struct ReduceSpec {
  static constexpr unsigned threads = Threads;
};

/// Two sums and a maximum in a row: the second sum must not disturb the first.
template <class S>
__global__ void reductions(const float* in, float* out) {
  const float value = in[thread_rank()];
  const float sum = block_reduce<Sum, S::threads>(value);
  const float squares = block_reduce<Sum, S::threads>(value * value);
  const float most = block_reduce<Maximum, S::threads>(value);
  float* const own = out + 3 * thread_rank();
  own[0] = sum;
  own[1] = squares;
  own[2] = most;
}

/// The order that warp_reduce and block_reduce promise.
template <class Join>
float join_in_order(std::vector<float> values, Join join) {
  float all = 0;
  for (std::size_t warp = 0; warp < values.size(); warp += 32) {
    for (std::size_t distance = 16; distance > 0; distance /= 2)
      for (std::size_t l = 0; l < distance; ++l) values[warp + l] = join(values[warp + l], values[warp + l + distance]);
    all = warp == 0 ? values[0] : join(all, values[warp]);
  }
  return all;
}

template <unsigned Threads>
void check_reductions() {
  std::vector<float> in(Threads), squares(Threads);
  for (unsigned i = 0; i < Threads; ++i) {
    in[i] = std::sin(static_cast<float>(i) * 1.7f) * static_cast<float>(1 << i % 11);
    squares[i] = in[i] * in[i];
  }
  const auto add = [](float a, float b) { return a + b; };
  const auto larger = [](float a, float b) { return a > b ? a : b; };
  const float expected[] = {join_in_order(in, add), join_in_order(squares, add), join_in_order(in, larger)};
  for (const simt::Schedule& schedule : simt::three_schedules) {
    const simt::Machine machine({.schedule = schedule});
    std::vector<float> out(3 * Threads);
    launch<reductions<ReduceSpec<Threads>>>({.grid = {1}, .block = {Threads}}, static_cast<const float*>(in.data()),
                                            out.data());
    for (std::size_t i = 0; i < out.size(); ++i) BOOST_TEST(out[i] == expected[i % 3]);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(warps)

BOOST_AUTO_TEST_CASE(exchange_values) {
  for (const simt::Schedule& schedule : simt::three_schedules) {
    const simt::Machine machine({.schedule = schedule});
    std::vector<double> out(5 * 32);
    launch<shuffles<Shuffles>>({.grid = {1}, .block = {32}}, out.data());
    for (unsigned l = 0; l < 32; ++l) {
      const double* const own = out.data() + 5 * l;
      BOOST_TEST(own[0] == 100.0 + (l ^ 5));
      BOOST_TEST(own[1] == 100.0 + (l < 29 ? l + 3 : l));
      BOOST_TEST(own[2] == 100.0 + l * 7 % 32);
      BOOST_TEST(own[3] == static_cast<double>(0x49249249u));
      BOOST_TEST(own[4] == (l < 16 ? l ^ 1 : 31));
    }
  }
}

BOOST_AUTO_TEST_CASE(masks_and_places) {
  BOOST_TEST(complaint_about<Wrong::nothing>() == "");
  std::string text = complaint_about<Wrong::not_in_mask>();
  BOOST_TEST(says(text, "masks", "thread (7, 0, 0)", "lane 7 calls shuffle_down at warps.cpp:", "mask 0x0000007f",
                  "leaves it out"),
             text);
  text = complaint_about<Wrong::other_mask>();
  BOOST_TEST(says(text, "thread (8, 0, 0)", "mask 0x0000ffff", "others wait", "0x000001ff", "give the same mask"),
             text);
  text = complaint_about<Wrong::missing_lane>();
  BOOST_TEST(says(text, "deadlock", "threads 8-31 have returned",
                  "threads 0-6 wait in shuffle_down at warps.cpp:", "threads 7 wait in sync_block"),
             text);
  text = complaint_about<Wrong::returned_lane>();
  BOOST_TEST((says(text, "deadlock", "7-31 have returned", "0-6 wait in shuffle_down") ||
              says(text, "0x000000ff", "names lane 7, which has returned")),
             text);
  text = complaint_about<Wrong::other_function>();
  BOOST_TEST(says(text, "thread (8, 0, 0)", "shuffle_xor at", "while others of its warp wait in shuffle_down"), text);
  text = complaint_about<Wrong::other_line>();
  BOOST_TEST(says(text, "thread (8, 0, 0)", "shuffle_down at", "while others of its warp wait in shuffle_down"), text);
}

BOOST_AUTO_TEST_CASE(a_lane_that_does_not_exist) {
  const std::string text = complaint_about<Wrong::nothing>(7);
  BOOST_TEST(says(text, "mask 0x000000ff", "names lane 7, which does not exist"), text);
}

BOOST_AUTO_TEST_CASE(reduce_in_a_fixed_order) {
  check_reductions<32>();
  check_reductions<96>();
  check_reductions<256>();
}

BOOST_AUTO_TEST_SUITE_END()
