// The machine that runs kernels on the CPU, as tests see it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>

namespace simt {

/// Kernels run here without a GPU. (gpu/stand_ins/ says otherwise.)
inline constexpr bool is_simulated = true;

/// False where AddressSanitizer is at work, which sees the accesses in the machine's place: tests of traffic are
/// skipped there, and need not be compiled.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool may_see_accesses = false;
#else
inline constexpr bool may_see_accesses = true;
#endif

/// In which order the blocks of a grid, the warps of a block and the lanes of a warp get their turns.
struct Schedule {
  bool shuffled = false;
  std::uint64_t seed = 0;
};

/// Kernels are right in any order; tests run them in these.
inline constexpr std::array three_schedules{Schedule{}, Schedule{true, 1}, Schedule{true, 2}};

/// The most shared memory of a block, in bytes.
inline constexpr std::size_t sm_80 = 163 * 1024, sm_90 = 227 * 1024;

struct Settings {
  Schedule schedule{};
  std::size_t shared_limit = sm_80;  ///< by default what all GPUs have that strata supports
  bool find_races = true;            ///< where the program's accesses are seen
};

/// A kernel did what CUDA forbids. The message says what, in which kernel, block and thread, and what to do.
class Fault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// How kernels run while this object lives. Without one they run with the default settings.
class Machine {
 public:
  explicit Machine(const Settings&);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

 private:
  Settings former_;
};

/// Threads that kernels have run since the program began.
std::uint64_t threads_run();

/// Whether loads and stores of kernels are seen one by one: the test was compiled with -fsanitize=thread, as it is
/// unless AddressSanitizer takes its place. Without, there is no search for races and no traffic.
bool sees_accesses();

}  // namespace simt
