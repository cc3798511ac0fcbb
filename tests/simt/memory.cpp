// Shared memory, copies that land late, alignment, bounds and stacks.
#include <simt/deaths.hpp>
#include <simt/faults.hpp>
#include <simt/machine/sanitizer.hpp>
#include <strata/cuda/launch.hpp>
#include <strata/cuda/primitives.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <string>
#include <vector>

using namespace strata::cuda;
using simt_test::complaint;
using simt_test::says;

namespace {

// --- shared memory ---------------------------------------------------------------------------------------------------

struct Unwritten {};

/// What shared memory holds before anybody writes, and that each declaration is an object of its own.
template <class S>
__global__ void read_unwritten(float* out) {
  auto& first = shared<float[4]>();
  auto& second = shared<float[4], 1>();
  float* const dynamic = dynamic_shared<float>();
  const unsigned t = thread_rank();
  float* const own = out + (block_index().x * 4 + t) * 3;
  own[0] = first[t];
  own[1] = second[t];
  own[2] = dynamic[t];
  sync_block();
  first[t] = 1;
  second[t] = 2;
  dynamic[t] = 3;
  sync_block();
  if (first[t] != 1 || second[t] != 2 || dynamic[t] != 3) own[0] = 0;
}

template <int Bytes>
struct SizeSpec {
  struct Tile {
    unsigned char byte[Bytes];
  };
};

template <class S>
__global__ void declare(int* out) {
  shared<typename S::Tile>().byte[thread_rank()] = 1;
  out[thread_rank()] = 1;
}

template <int Bytes>
std::string complaint_about_size(std::size_t dynamic_bytes) {
  std::vector<int> out(32);
  return complaint([&] {
    launch<declare<SizeSpec<Bytes>>>({.grid = {1}, .block = {32}, .shared_bytes = dynamic_bytes}, out.data());
  });
}

template <unsigned Beyond>
struct BoundSpec {
  static constexpr unsigned beyond = Beyond;
};

template <class S>
__global__ void write_beyond(float* out) {
  float* const numbers = shared<float[32]>();
  float* const dynamic = dynamic_shared<float>();
  if constexpr (S::beyond < 2)
    numbers[thread_rank() + S::beyond] = 1;
  else
    dynamic[thread_rank() + S::beyond - 2] = 1;
  out[thread_rank()] = 1;
}

template <unsigned Beyond>
simt_test::End end_of_write() {
  return simt_test::end_of([] {
    std::vector<float> out(32);
    launch<write_beyond<BoundSpec<Beyond>>>({.grid = {1}, .block = {32}, .shared_bytes = 128}, out.data());
  });
}

// --- copies ----------------------------------------------------------------------------------------------------------

/// Stages of the pipeline below; how much too lax its wait is.
template <int Bytes, int Lax>
struct CopySpec {
  static constexpr int bytes = Bytes, lax = Lax, stages = 3, steps = 8;
};

/// Sums the thread's column of in[steps][32], Bytes at a time, three copies on their way.
template <class S>
__global__ void pipeline(const float* in, float* out) {
  constexpr int floats = S::bytes / 4;
  struct alignas(16) Stage {
    float number[32 * floats];
  };
  struct Stages {
    Stage stage[S::stages];
  };
  auto& stages = shared<Stages>();
  const unsigned at = thread_rank() * floats;
  const auto start = [&](int step) {
    if (step < S::steps) copy_async<S::bytes>(&stages.stage[step % S::stages].number[at], in + step * 32 * floats + at);
    commit_copies();
  };
  for (int s = 0; s < S::stages - 1; ++s) start(s);
  float sum = 0;
  for (int step = 0; step < S::steps; ++step) {
    start(step + S::stages - 1);
    wait_copies<S::stages - 1 + S::lax>();
    for (int i = 0; i < floats; ++i) sum += stages.stage[step % S::stages].number[at + static_cast<unsigned>(i)];
    sync_warp();
  }
  out[thread_rank()] = sum;
}

/// How many of the sums are wrong.
template <int Bytes, int Lax>
int wrong_sums() {
  constexpr int floats = Bytes / 4;
  std::vector<float> in(8 * 32 * floats), out(32);
  for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<float>(i % 101);
  const simt::Machine machine({.find_races = false});
  launch<pipeline<CopySpec<Bytes, Lax>>>({.grid = {1}, .block = {32}}, static_cast<const float*>(in.data()),
                                         out.data());
  int wrong = 0;
  for (std::size_t t = 0; t < 32; ++t) {
    float sum = 0;
    for (std::size_t step = 0; step < 8; ++step)
      for (std::size_t i = 0; i < floats; ++i) sum += in[(step * 32 + t) * floats + i];
    wrong += out[t] != sum;
  }
  return wrong;
}

struct ZeroFill {};
template <class S>
__global__ void copy_a_part(const float* in, float* out) {
  struct alignas(16) Numbers {
    float number[8][4];
  };
  auto& numbers = shared<Numbers>();
  const unsigned t = thread_rank();
  copy_async<16>(numbers.number[t], t == 0 ? nullptr : in, t % 5 * 4);
  commit_copies();
  wait_copies<0>();
  for (unsigned i = 0; i < 4; ++i) out[t * 4 + i] = numbers.number[t][i];
}

// --- alignment -------------------------------------------------------------------------------------------------------

enum class Misplaced { nothing, copy_to, copy_from, copy_to_global, load, store };

template <Misplaced What>
struct AlignSpec {
  static constexpr Misplaced what = What;
};

template <class S>
__global__ void misplace(float* memory) {
  struct alignas(16) Numbers {
    float number[8];
  };
  auto& numbers = shared<Numbers>();
  constexpr auto by = [](Misplaced what) { return S::what == what ? 1 : 0; };
  copy_async<8>(S::what == Misplaced::copy_to_global ? memory : numbers.number + by(Misplaced::copy_to),
                memory + by(Misplaced::copy_from));
  commit_copies();
  wait_copies<0>();
  const Packet<float, 4> four = load<4>(memory + 4 + by(Misplaced::load));
  store(memory + by(Misplaced::store), four);
}

template <Misplaced What>
std::string complaint_about_alignment() {
  std::vector<float> memory(32);
  return complaint([&] { launch<misplace<AlignSpec<What>>>({.grid = {1}, .block = {1}}, memory.data()); });
}

// --- stacks ----------------------------------------------------------------------------------------------------------

struct Deep {};

__attribute__((noinline)) int dig(int depth, volatile int* bottom) {
  volatile int hole[1024];
  for (volatile int& h : hole) h = depth;
  if (depth == 0) return *bottom + hole[7];
  return dig(depth - 1, bottom) + hole[depth % 1024];
}

template <class S>
__global__ void dig_deep(int* out, int depth) {
  int bottom = 0;
  out[thread_rank()] = dig(depth, &bottom);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(memory)

BOOST_AUTO_TEST_CASE(shared_objects) {
  for (const simt::Schedule& schedule : simt::three_schedules) {
    const simt::Machine machine({.schedule = schedule});
    std::vector<float> out(2 * 4 * 3);
    launch<read_unwritten<Unwritten>>({.grid = {2}, .block = {4}, .shared_bytes = 16}, out.data());
    for (const float x : out) BOOST_TEST(std::isnan(x));  // in every block
  }
}

BOOST_AUTO_TEST_CASE(too_much_shared_memory) {
  constexpr int kibibyte = 1024;
  BOOST_TEST(complaint_about_size<63 * kibibyte>(100 * kibibyte) == "");
  const std::string text = complaint_about_size<63 * kibibyte + 1>(100 * kibibyte);
  BOOST_TEST(says(text, "declare",
                  "too much shared memory: 166913 bytes with what is declared at memory.cpp:", "at most 166912"),
             text);
}

BOOST_AUTO_TEST_CASE(dynamic_memory_that_the_launch_does_not_give) {
  std::vector<float> out(24);
  const std::string text =
      complaint([&] { launch<read_unwritten<Unwritten>>({.grid = {2}, .block = {4}}, out.data()); });
  BOOST_TEST(says(text, "dynamic_shared at memory.cpp:", "set Launch::shared_bytes"), text);
}

BOOST_AUTO_TEST_CASE(bounds_of_shared_memory) {
  BOOST_TEST(end_of_write<0>().well);
  BOOST_TEST(end_of_write<2>().well);
  if (!simt::address_sanitizer) return;
  for (const simt_test::End& end : {end_of_write<1>(), end_of_write<3>()}) {
    BOOST_TEST(!end.well);
    BOOST_TEST(says(end.said, "heap-buffer-overflow", "WRITE of size 4", "write_beyond"), end.said);
  }
}

BOOST_AUTO_TEST_CASE(copies_land_at_their_wait) {
  BOOST_TEST((wrong_sums<4, 0>() == 0));
  BOOST_TEST((wrong_sums<8, 0>() == 0));
  BOOST_TEST((wrong_sums<16, 0>() == 0));
  BOOST_TEST((wrong_sums<16, -1>() == 0));  // waits longer than it has to
  BOOST_TEST((wrong_sums<4, 1>() == 32));
  BOOST_TEST((wrong_sums<8, 1>() == 32));
  BOOST_TEST((wrong_sums<16, 1>() == 32));
}

BOOST_AUTO_TEST_CASE(copies_of_a_part_fill_with_zero) {
  const std::vector<float> in{1, 2, 3, 4};
  std::vector<float> out(32);
  launch<copy_a_part<ZeroFill>>({.grid = {1}, .block = {8}}, in.data(), out.data());
  for (std::size_t t = 0; t < 8; ++t)
    for (std::size_t i = 0; i < 4; ++i) BOOST_TEST(out[t * 4 + i] == (i < t % 5 ? in[i] : 0));
}

BOOST_AUTO_TEST_CASE(alignment) {
  BOOST_TEST(complaint_about_alignment<Misplaced::nothing>() == "");
  std::string text = complaint_about_alignment<Misplaced::copy_to>();
  BOOST_TEST(says(text, "copy_async at memory.cpp:", "of 8 bytes", "4 bytes behind a multiple"), text);
  text = complaint_about_alignment<Misplaced::copy_from>();
  BOOST_TEST(says(text, "copy_async at memory.cpp:", "of 8 bytes", "4 bytes behind a multiple"), text);
  text = complaint_about_alignment<Misplaced::copy_to_global>();
  BOOST_TEST(says(text, "copy_async at memory.cpp:", "not in the block's shared memory"), text);
  text = complaint_about_alignment<Misplaced::load>();
  BOOST_TEST(says(text, "load at memory.cpp:", "of 16 bytes", "4 bytes behind a multiple"), text);
  text = complaint_about_alignment<Misplaced::store>();
  BOOST_TEST(says(text, "store at memory.cpp:", "of 16 bytes", "4 bytes behind a multiple"), text);
}

BOOST_AUTO_TEST_CASE(stacks_end_at_a_guard_page) {
  const auto end = [](int depth) {
    return simt_test::end_of([depth] {
      std::vector<int> out(64);
      launch<dig_deep<Deep>>({.grid = {1}, .block = {64}}, out.data(), depth);
    });
  };
  BOOST_TEST(end(10).well);
  const simt_test::End deep = end(1000);
  BOOST_TEST(!deep.well);
  BOOST_TEST(
      says(deep.said, simt::address_sanitizer ? "stack-overflow" : "simt: stack overflow: a thread of the kernel"),
      deep.said);
}

BOOST_AUTO_TEST_SUITE_END()
