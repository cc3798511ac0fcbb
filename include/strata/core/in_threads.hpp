// Independent work on several threads that end with it: for what is done once, apart from a model's pool.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace strata::detail {

/// Threads that a caller gets who asks for so many; 0: one for each core.
inline std::size_t threads_for(int wanted) {
  return wanted > 0 ? static_cast<std::size_t>(wanted) : std::max(1u, std::thread::hardware_concurrency());
}

/// Calls f(i) for i from 0 to n - 1 in several threads, the lower ones earlier. f throws nothing.
template <class F>
void in_threads(std::size_t n, int threads, F f) {
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i; (i = next.fetch_add(1)) < n;) f(i);
  };
  std::vector<std::thread> others;
  for (std::size_t t = 1; t < std::min(threads_for(threads), n); ++t) others.emplace_back(work);
  work();
  for (std::thread& t : others) t.join();
}

}  // namespace strata::detail
