// Races planted in kernels, each beside the kernel that is right.
#include <simt/accesses.hpp>
#include <simt/faults.hpp>
#include <strata/cuda/launch.hpp>
#include <strata/cuda/primitives.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace strata::cuda;
using simt_test::complaint;
using simt_test::says;

namespace {

enum class Order { none, warp, half_warps, block, shuffle };

template <Order O, unsigned Distance = 1>
struct OrderSpec {
  static constexpr Order order = O;
  static constexpr unsigned distance = Distance;
};

/// Each thread reads what the one `distance` before it has written. In order, the values are right even without a
/// barrier.
template <class S>
__global__ void neighbours(int* out) {
  auto& numbers = shared<int[64]>();
  const unsigned t = thread_rank();
  numbers[t] = static_cast<int>(t);
  if constexpr (S::order == Order::block) sync_block();
  if constexpr (S::order == Order::warp) sync_warp();
  if constexpr (S::order == Order::half_warps) sync_warp(t % 32 < 16 ? 0x0000ffff : 0xffff0000);
  if constexpr (S::order == Order::shuffle) static_cast<void>(shuffle_xor(1, 1));
  out[t] = numbers[t >= S::distance ? t - S::distance : t];
}

template <Order O, unsigned Distance = 1>
std::string race(unsigned threads) {
  std::vector<int> out(threads);
  return complaint([&] { launch<neighbours<OrderSpec<O, Distance>>>({.grid = {1}, .block = {threads}}, out.data()); });
}

enum class Update { atomic, plain, own_place, both };

template <Update U>
struct UpdateSpec {
  static constexpr Update update = U;
};

template <class S>
__global__ void count(int* total) {
  if constexpr (S::update == Update::atomic) atomic_add(total, 1);
  if constexpr (S::update == Update::plain)
    if (thread_rank() == 0) *total += 1;
  if constexpr (S::update == Update::own_place)
    if (thread_rank() == 0) total[block_index().x] += 1;
  if constexpr (S::update == Update::both) {
    if (thread_rank() == 0 && block_index().x == 0) *total = 0;
    sync_block();
    atomic_add(total, 1);
  }
}

template <Update U>
std::string race_on_count() {
  std::vector<int> total(4);
  return complaint([&] { launch<count<UpdateSpec<U>>>({.grid = {4}, .block = {32}}, total.data()); });
}

/// A write behind reads; where `Barrier` is missing, nobody reads a wrong value in order.
template <bool Barrier>
struct ReuseSpec {
  static constexpr bool barrier = Barrier;
};

template <class S>
__global__ void reuse(float* out) {
  auto& numbers = shared<float[64]>();
  const unsigned t = thread_rank();
  float sum = 0;
  for (int round = 0; round < 3; ++round) {
    if constexpr (S::barrier) sync_block();
    numbers[t] = static_cast<float>(round);
    sync_block();
    sum += numbers[63 - t];
  }
  out[t] = sum;
}

template <class T>
struct SmallSpec {
  using Number = T;
};

/// Neighbours in one word of 32 bits are no conflict.
template <class S>
__global__ void write_small(typename S::Number* out) {
  out[block_index().x * block_size().x + thread_rank()] = 1;
}

enum class Wait { right, too_lax, no_barrier, no_barrier_before_next };

template <Wait W>
struct WaitSpec {
  static constexpr Wait wait = W;
};

/// Two stages in turn, each read by other threads than copied it.
template <class S>
__global__ void staged(const float* in, float* out) {
  constexpr int steps = 4;
  struct alignas(16) Stages {
    float number[2][256];
  };
  auto& stages = shared<Stages>();
  const unsigned t = thread_rank();
  const auto start = [&](int step) {
    if (step < steps) copy_async<16>(&stages.number[step % 2][4 * t], in + 256 * step + 4 * t);
    commit_copies();
  };
  start(0);
  float sum = 0;
  for (int step = 0; step < steps; ++step) {
    start(step + 1);
    wait_copies<S::wait == Wait::too_lax ? 2 : 1>();
    if constexpr (S::wait != Wait::no_barrier) sync_block();
    for (unsigned i = 0; i < 4; ++i) sum += stages.number[step % 2][i * 64 + 63 - t];
    if constexpr (S::wait != Wait::no_barrier_before_next) sync_block();
  }
  out[t] = sum;
}

template <Wait W>
std::string race_in_stages() {
  std::vector<float> in(1024, 1.0f), out(64);
  return complaint([&] {
    launch<staged<WaitSpec<W>>>({.grid = {1}, .block = {64}}, static_cast<const float*>(in.data()), out.data());
  });
}

struct OnTheStack {};
template <class S>
__global__ void write_one(int* out) {
  *out = 1;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(races, *boost::unit_test::precondition(simt_test::sees_accesses))

BOOST_AUTO_TEST_CASE(without_a_barrier) {
  BOOST_TEST(race<Order::block>(64) == "");
  const std::string text = race<Order::none>(64);
  BOOST_TEST(says(text, "kernel", "neighbours", "wrong in any schedule", "race on shared memory",
                  "reads at races.cpp:", "writes at races.cpp:", "put a sync_warp or sync_block between them"),
             text);
}

BOOST_AUTO_TEST_CASE(within_and_across_warps) {
  BOOST_TEST(race<Order::warp>(32) == "");
  std::string text = race<Order::warp>(64);  // thread 32 reads what thread 31 wrote
  BOOST_TEST(says(text, "1 accesses", "thread 32 reads", "thread 31 writes", "put a sync_block between"), text);
  BOOST_TEST((race<Order::warp, 16>(32) == ""));
  text = race<Order::half_warps>(32);  // thread 16 reads what thread 15 wrote
  BOOST_TEST(says(text, "1 accesses", "thread 16 reads", "thread 15 writes", "put a sync_warp"), text);
}

BOOST_AUTO_TEST_CASE(a_shuffle_orders_nothing) { BOOST_TEST(says(race<Order::shuffle>(32), "31 accesses")); }

BOOST_AUTO_TEST_CASE(across_blocks) {
  BOOST_TEST(race_on_count<Update::atomic>() == "");
  BOOST_TEST(race_on_count<Update::own_place>() == "");
  std::string text = race_on_count<Update::plain>();
  BOOST_TEST(says(text, "race on global memory", "of another block", "give each its own output"), text);
  text = race_on_count<Update::both>();
  BOOST_TEST(says(text, "race on global memory", "changes by an atomic", "of another block writes"), text);
}

BOOST_AUTO_TEST_CASE(a_write_behind_reads) {
  std::vector<float> out(64);
  const auto run = [&](auto spec) {
    return complaint([&] { launch<reuse<decltype(spec)>>({.grid = {1}, .block = {64}}, out.data()); });
  };
  BOOST_TEST(run(ReuseSpec<true>{}) == "");
  const std::string text = run(ReuseSpec<false>{});
  BOOST_TEST(says(text, "race on shared memory", "writes at races.cpp:", "reads at races.cpp:"), text);
}

BOOST_AUTO_TEST_CASE(numbers_smaller_than_a_word) {
  std::vector<unsigned char> bytes(128);
  std::vector<unsigned short> halves(128);
  BOOST_TEST(complaint([&] {
               launch<write_small<SmallSpec<unsigned char>>>({.grid = {2}, .block = {64}}, bytes.data());
             }) == "");
  BOOST_TEST(complaint([&] {
               launch<write_small<SmallSpec<unsigned short>>>({.grid = {2}, .block = {64}}, halves.data());
             }) == "");
}

BOOST_AUTO_TEST_CASE(copies_on_their_way) {
  BOOST_TEST(race_in_stages<Wait::right>() == "");
  std::string text = race_in_stages<Wait::too_lax>();
  BOOST_TEST(
      says(text, "reads at races.cpp:", "what the copy_async at races.cpp:", "still writes", "wait for its group"),
      text);
  text = race_in_stages<Wait::no_barrier>();
  BOOST_TEST(says(text, "race on shared memory", "reads at races.cpp:", "writes at races.cpp:"), text);
  text = race_in_stages<Wait::no_barrier_before_next>();
  BOOST_TEST(says(text, "race on shared memory", "writes at races.cpp:", "reads at races.cpp:"), text);
}

BOOST_AUTO_TEST_CASE(memory_of_the_host) {
  int out = 0;
  const std::string text = complaint([&] { launch<write_one<OnTheStack>>({.grid = {1}, .block = {1}}, &out); });
  BOOST_TEST(says(text, "writes at races.cpp:", "to the host's stack", "keep what kernels write on the heap"), text);
}

BOOST_AUTO_TEST_CASE(launches_are_ordered) {
  std::vector<int> total(4);
  for (int i = 0; i < 2; ++i) launch<count<UpdateSpec<Update::own_place>>>({.grid = {4}, .block = {32}}, total.data());
  for (const int t : total) BOOST_TEST(t == 2);
}

BOOST_AUTO_TEST_SUITE_END()
