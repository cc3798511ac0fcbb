// What the machine knows while a kernel runs. One thread of the system runs everything, so there is one state.
#pragma once

#include <simt/machine/fiber.hpp>
#include <simt/machine/machine.hpp>
#include <simt/machine/where.hpp>
#include <strata/cuda/machine.hpp>

#include <array>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace simt {

using strata::cuda::Extent;
using strata::cuda::Index;
using strata::cuda::warp_size;

/// A copy on its way from global to shared memory.
struct Copy {
  std::byte* to;
  std::size_t bytes;
  std::array<std::byte, 16> value;
  std::uint64_t group;
};

/// A thread of the block that runs.
struct Thread {
  enum class State : std::uint8_t { ready, at_block_barrier, at_warp_meeting, returned };

  std::unique_ptr<Fiber> fiber;
  bool fresh = true;  ///< the fiber has to begin anew
  State state = State::returned;
  unsigned rank = 0;
  Index index{};
  const char* waits_for = "";
  Site waits_at{};
  std::vector<Copy> copies;
  std::uint64_t groups = 0;  ///< of copies, committed

  /// How many barriers of its warp each lane had passed when this thread last heard of it.
  std::array<std::uint32_t, warp_size> heard{};

  unsigned lane() const { return rank % warp_size; }
  unsigned warp() const { return rank / warp_size; }
};

/// Lanes of a warp that wait for one another.
struct Meeting {
  static constexpr std::size_t most_bytes = 64;

  const char* what;
  Site site;
  unsigned lanes, arrived = 0;
  unsigned first_rank;
  std::array<void*, warp_size> out{};
  alignas(16) std::array<std::byte, warp_size * most_bytes> in;
};

/// A piece of the block's shared memory.
struct SharedObject {
  const void* key;  ///< null for the dynamic one
  std::byte* memory;
  std::size_t bytes, alignment;
  std::uint64_t block;  ///< for which it was last filled
};

struct State {
  Settings settings{};
  const strata::cuda::machine::Request* launch = nullptr;  ///< null while no kernel runs
  void (*body)(const void*) = nullptr;
  const void* data = nullptr;

  Index block{};
  std::uint64_t block_number = 0;  ///< counts through all launches
  unsigned threads = 0, returned = 0, arrived = 0;
  std::uint32_t barriers = 0;  ///< of the block, passed
  const Thread* first_at_barrier = nullptr;
  std::vector<Thread> thread;
  std::vector<std::vector<Meeting>> meetings;  ///< by warp
  std::vector<SharedObject> shared;
  Thread* running = nullptr;
  std::exception_ptr failure;
  bool inside = true;  ///< the machine runs, and not the kernel's own text

  std::vector<std::string> complaints;  ///< about accesses, which are no place to throw from
  std::vector<std::pair<std::uintptr_t, std::uintptr_t>> complained;  ///< pairs of places that some are about
  std::uint64_t complaint_count = 0;
  std::uint64_t threads_run = 0;

  bool is_shared(std::uintptr_t address) const {
    for (const SharedObject& s : shared)
      if (address - reinterpret_cast<std::uintptr_t>(s.memory) < s.bytes) return true;
    return false;
  }
};

extern State state;

/// Marks the time in which the machine works for a kernel that called it.
class Inside {
 public:
  Inside() { state.inside = true; }
  ~Inside() { state.inside = false; }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
};

/// "(1, 0, 0)".
std::string text(const Index&);

/// Throws a Fault that begins with the kernel, the block and the thread that runs.
[[noreturn]] void fault(const std::string& what_and_what_to_do);

/// Lets others run until the thread is ready again.
void wait(Thread::State, const char* what, Site);

}  // namespace simt
