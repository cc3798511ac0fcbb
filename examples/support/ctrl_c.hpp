// Ctrl-C: the first asks to stop after the step, the second ends the program at once.
#pragma once

#include <atomic>
#include <csignal>

#if defined(__unix__) || defined(__APPLE__)
#include <unistd.h>
#endif

namespace example {

/// While one lives, Ctrl-C (SIGINT) sets asked() to true instead of ending the program, once.
class CtrlC {
 public:
  CtrlC() : before_(std::signal(SIGINT, take)) {}
  ~CtrlC() { std::signal(SIGINT, before_); }
  CtrlC(const CtrlC&) = delete;
  CtrlC& operator=(const CtrlC&) = delete;

  /// For FitOptions::stop.
  static const std::atomic<bool>& asked() { return flag; }

 private:
  static void take(int) {
    std::signal(SIGINT, SIG_DFL);
    flag = true;
#if defined(__unix__) || defined(__APPLE__)
    constexpr char text[] = "\nStopping after this step; Ctrl-C again ends at once.\n";
    [[maybe_unused]] const auto written = write(STDERR_FILENO, text, sizeof text - 1);
#endif
  }

  static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may touch nothing else");
  static inline std::atomic<bool> flag{false};

  void (*before_)(int);
};

}  // namespace example
