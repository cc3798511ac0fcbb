// Threads of a kernel as fibers: stacks of their own, switched by hand, all on one thread of the system.
#pragma once

#include <cstddef>

namespace simt {

/// What a fiber runs on, and where it stopped.
class Fiber {
 public:
  static constexpr std::size_t stack_bytes = 128 * 1024;
  static constexpr std::size_t guard_bytes =
      64 * 1024;  ///< a multiple of any page, and more than most frames reach over

  Fiber();
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Forgets what the fiber was doing. Its next turn begins at `entry`, which never returns.
  void reset(void (*entry)());

  /// Gives the fiber its turn; returns when it pauses.
  void resume();

  /// Ends the turn of the fiber that calls it.
  void pause();

  /// Whether the address lies on this fiber's stack.
  bool holds(const void* address) const {
    const auto* const a = static_cast<const std::byte*>(address);
    return a >= memory_ && a < memory_ + guard_bytes + stack_bytes;
  }

  /// Whether the address lies in the pages below the stack of the fiber whose turn it is, which nobody may touch.
  static bool is_guard_of_running(const void* address);

 private:
  std::byte* memory_ = nullptr;  ///< a guard page, and above it the stack
  void* stack_pointer_ = nullptr;
  void* fake_stack_ = nullptr;  ///< AddressSanitizer's
};

}  // namespace simt
