// Independent runs on the cores: each takes a thread, and a deadline or a stop ends them all.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace strata::detail {

/// What bounds a number of runs.
struct TrialLimits {
  int threads = 0;                           ///< 0: one for each core
  double seconds = 0;                        ///< none begins behind them, and those that run are stopped; 0: no bound
  const std::atomic<bool>* stop = nullptr;   ///< likewise where it becomes true
  const std::atomic<bool>* other = nullptr;  ///< or this

  bool is_stopped() const {
    return (stop && stop->load(std::memory_order_relaxed)) || (other && other->load(std::memory_order_relaxed));
  }
};

/// Calls run(i, stop) for i = 0 .. count-1, on several threads, in that order of beginning. `stop` is for the run to
/// look at: what it learnt until then does not count. Returns whether none was stopped or left out. The first
/// exception ends the runs and is thrown again.
[[gnu::cold]] inline bool run_trials(std::int64_t count, const TrialLimits& limits,
                                     const std::function<void(std::int64_t, const std::atomic<bool>&)>& run) {
  std::atomic<bool> stop{false};
  std::atomic<std::int64_t> next{0};
  std::mutex mutex;
  std::condition_variable done;
  std::exception_ptr failure;
  const auto cores = static_cast<int>(std::thread::hardware_concurrency());
  int working = limits.threads > 0 ? limits.threads : cores > 0 ? cores : 1;
  if (working > count) working = static_cast<int>(count);
  std::vector<std::thread> threads;
  for (int t = working; t > 0; --t)
    threads.emplace_back([&] {
      while (!stop) {
        const std::int64_t i = next++;
        if (i >= count) break;
        try {
          run(i, stop);
        } catch (...) {
          const std::lock_guard lock(mutex);
          if (!failure) failure = std::current_exception();
          stop = true;
        }
      }
      const std::lock_guard lock(mutex);
      --working;
      done.notify_all();
    });
  {
    using namespace std::chrono;
    const auto begin = steady_clock::now();
    std::unique_lock lock(mutex);
    while (working > 0) {
      done.wait_for(lock, milliseconds(20));
      const bool is_late = limits.seconds > 0 && duration<double>(steady_clock::now() - begin).count() > limits.seconds;
      if (is_late || limits.is_stopped()) stop = true;
    }
  }
  for (std::thread& t : threads) t.join();
  if (failure) std::rethrow_exception(failure);
  return !stop;
}

}  // namespace strata::detail
