// Barriers of a block, deadlocks, what a launch may ask for, and that schedules differ.
#include <simt/faults.hpp>
#include <strata/cuda/launch.hpp>
#include <strata/cuda/primitives.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <vector>

using namespace strata::cuda;
using simt_test::complaint;
using simt_test::says;

namespace {

enum class Barrier { right, one_branch, two_places, early_return };

template <Barrier Which>
struct BarrierSpec {
  static constexpr Barrier which = Which;
};

/// Every thread hands its number to the next one in the block.
template <class S>
__global__ void pass_on(int* out) {
  auto& numbers = shared<int[64]>();
  const unsigned t = thread_rank();
  numbers[t] = static_cast<int>(t);
  if constexpr (S::which == Barrier::right) sync_block();
  if constexpr (S::which == Barrier::one_branch)
    if (t < 40) sync_block();
  if constexpr (S::which == Barrier::two_places) {
    if (t < 32)
      sync_block();
    else
      sync_block();
  }
  if constexpr (S::which == Barrier::early_return) {
    if (t == 63) return;
    sync_block();
  }
  out[block_index().x * 64 + t] = numbers[(t + 63) % 64];
}

template <Barrier Which>
void run_pass_on(std::vector<int>& out) {
  launch<pass_on<BarrierSpec<Which>>>({.grid = {2}, .block = {64}}, out.data());
}

template <Barrier Which>
std::string complaint_about() {
  std::vector<int> out(128);
  return complaint([&] { run_pass_on<Which>(out); });
}

/// Threads of one block write their numbers down as they come.
struct Arrival {};
template <class S>
__global__ void note_arrival(unsigned* next, unsigned* order) {
  order[atomic_add(next, 1u)] = block_index().x * block_size().x + thread_rank();
}

std::vector<unsigned> arrivals(const simt::Schedule& schedule) {
  const simt::Machine machine({.schedule = schedule});
  std::vector<unsigned> next(1), order(3 * 96);
  launch<note_arrival<Arrival>>({.grid = {3}, .block = {96}}, next.data(), order.data());
  return order;
}

struct Shape {};
template <class S>
__global__ void note_place(unsigned* out) {
  const Index t = thread_index(), b = block_index();
  const Extent size = block_size(), grid = grid_size();
  const unsigned block = b.x + grid.x * (b.y + grid.y * b.z);
  out[block * size.count() + thread_rank()] =
      t.x + 10 * t.y + 100 * t.z + 1000 * block + 100000 * lane() + 10000000 * warp();
}

void launch_shape(Extent grid, Extent block, std::size_t shared_bytes = 0) {
  std::vector<unsigned> out(grid.count() * block.count());
  launch<note_place<Shape>>({.grid = grid, .block = block, .shared_bytes = shared_bytes}, out.data());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(barriers)

BOOST_AUTO_TEST_CASE(of_a_block) {
  for (const simt::Schedule& schedule : simt::three_schedules) {
    const simt::Machine machine({.schedule = schedule});
    std::vector<int> out(128);
    run_pass_on<Barrier::right>(out);
    for (int i = 0; i < 128; ++i) BOOST_TEST(out[static_cast<std::size_t>(i)] == (i + 63) % 64);
  }
}

BOOST_AUTO_TEST_CASE(that_some_threads_pass_by) {
  const std::string text = complaint_about<Barrier::one_branch>();
  BOOST_TEST(says(text, "kernel", "pass_on", "deadlock in block (0, 0, 0)", "threads 40-63 have returned",
                  "threads 0-39 wait in sync_block at barriers.cpp:"),
             text);
}

BOOST_AUTO_TEST_CASE(behind_a_return) {
  const std::string text = complaint_about<Barrier::early_return>();
  BOOST_TEST(says(text, "deadlock", "threads 63 have returned", "threads 0-62 wait in sync_block"), text);
}

BOOST_AUTO_TEST_CASE(in_two_places) {
  const std::string text = complaint_about<Barrier::two_places>();
  BOOST_TEST(says(text, "pass_on", "thread (32, 0, 0)", "divergent barriers",
                  "sync_block at barriers.cpp:", "while thread (0, 0, 0) waits", "put one barrier"),
             text);
}

BOOST_AUTO_TEST_CASE(behind_a_fault_the_machine_runs_on) {
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(complaint_about<Barrier::one_branch>() != "");
    BOOST_TEST(complaint_about<Barrier::right>() == "");
  }
}

BOOST_AUTO_TEST_CASE(schedules_differ) {
  const auto first = arrivals({}), second = arrivals({true, 1}), third = arrivals({true, 2});
  BOOST_TEST(std::is_sorted(first.begin(), first.end()));
  BOOST_TEST((first != second && second != third && first != third));
  BOOST_TEST((second == arrivals({true, 1})), "a seed is a schedule");
  for (const auto* arrived : {&second, &third}) {
    auto sorted = *arrived;
    std::sort(sorted.begin(), sorted.end());
    BOOST_TEST((sorted == first), "every thread runs once");
    BOOST_TEST((*arrived)[0] / 96 + (*arrived)[287] / 96 != 0u + 2u, "blocks are shuffled too");
    BOOST_TEST(!std::is_sorted(arrived->begin(), arrived->begin() + 32), "lanes are shuffled");
    std::vector<unsigned> warps;
    for (unsigned i = 0; i < 96; ++i)
      if (i == 0 || (*arrived)[i] / 32 != warps.back()) warps.push_back((*arrived)[i] / 32);
    BOOST_TEST(!std::is_sorted(warps.begin(), warps.end()), "warps are shuffled");
  }
}

BOOST_AUTO_TEST_CASE(places_in_three_dimensions) {
  std::vector<unsigned> out(4 * 60);
  launch<note_place<Shape>>({.grid = {2, 1, 2}, .block = {5, 4, 3}}, out.data());
  for (unsigned block = 0; block < 4; ++block)
    for (unsigned t = 0; t < 60; ++t)
      BOOST_TEST(out[block * 60 + t] ==
                 t % 5 + 10 * (t / 5 % 4) + 100 * (t / 20) + 1000 * block + 100000 * (t % 32) + 10000000 * (t / 32));
}

BOOST_AUTO_TEST_CASE(sizes_of_a_launch) {
  const auto about = [](Extent grid, Extent block, std::size_t bytes = 0) {
    return complaint([&] { launch_shape(grid, block, bytes); });
  };
  BOOST_TEST(about({1}, {1024}) == "");
  BOOST_TEST(says(about({1}, {1025}), "kernel", "note_place", "block of 1025 x 1 x 1 threads; a block has 1 to 1024"));
  BOOST_TEST(says(about({1}, {0}), "block of 0 x 1 x 1"));
  BOOST_TEST(says(about({1}, {1, 1, 65}), "at most 64 in z"));
  BOOST_TEST(says(about({1, 65536}, {1}), "grid of 1 x 65536 x 1"));
  BOOST_TEST(about({1}, {32}, simt::sm_80) == "");
  BOOST_TEST(says(about({1}, {32}, simt::sm_80 + 1), "too much shared memory", "166913", "at most 166912"));
  const simt::Machine larger({.shared_limit = simt::sm_90});
  BOOST_TEST(about({1}, {32}, simt::sm_90) == "");
  BOOST_TEST(says(about({1}, {32}, simt::sm_90 + 1), "too much shared memory"));
}

BOOST_AUTO_TEST_SUITE_END()
