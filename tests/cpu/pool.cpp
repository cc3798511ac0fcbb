// The pool: every task once, scratch of a thread never shared, regions after a sleep, and denormals put back.
#include <strata/cpu/pool.hpp>

#include <algorithm>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <limits>
#include <thread>
#include <vector>

using namespace strata;
using cpu::Pool;

namespace {

// Half the smallest normal float, by arithmetic that flushing turns into zero.
float half_of_smallest() {
  volatile float smallest = std::numeric_limits<float>::min();
  volatile float half = smallest * 0.5f;
  return half;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pool)

BOOST_AUTO_TEST_CASE(runs_every_task_once) {
  for (int threads = 1; threads <= 4; ++threads) {
    Pool pool(threads);
    BOOST_TEST(pool.threads() == threads);
    for (const int tasks : {0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 64, 100, 1000}) {
      std::vector<std::atomic<int>> seen(static_cast<std::size_t>(tasks));
      std::atomic<int> strangers = 0;
      pool.run(tasks, [&](int task, int thread) {
        if (task < 0 || task >= tasks || thread < 0 || thread >= threads)
          ++strangers;
        else
          ++seen[static_cast<std::size_t>(task)];
      });
      BOOST_TEST(strangers == 0);
      BOOST_TEST(std::all_of(seen.begin(), seen.end(), [](const auto& times) { return times == 1; }),
                 threads << " threads, " << tasks << " tasks");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_thread_number_is_one_thread_at_a_time) {
  Pool pool(4);
  std::atomic<int> inside[4] = {}, collisions = 0;
  for (int region = 0; region < 20; ++region)
    pool.run(50, [&](int, int thread) {
      if (inside[thread].fetch_add(1) != 0) ++collisions;
      if (thread % 2) std::this_thread::yield();
      --inside[thread];
    });
  BOOST_TEST(collisions == 0);
}

BOOST_AUTO_TEST_CASE(what_tasks_write_is_seen_behind_the_region) {
  Pool pool(3);
  std::vector<int> values(64);
  for (int region = 1; region <= 200; ++region) {
    pool.run(64, [&](int task, int) { values[static_cast<std::size_t>(task)] += task; });
    if (region % 50 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));  // workers fall asleep
  }
  for (int task = 0; task < 64; ++task) BOOST_TEST(values[static_cast<std::size_t>(task)] == 200 * task);
}

BOOST_AUTO_TEST_CASE(work_is_shared) {  // no thread may wait for another to end its task
  Pool pool(2);
  std::atomic<int> arrived = 0;
  pool.run(2, [&](int, int) {
    ++arrived;
    while (arrived < 2) std::this_thread::yield();
  });
  BOOST_TEST(arrived == 2);
}

BOOST_AUTO_TEST_CASE(pools_end_without_work) {
  for (int threads = 1; threads <= 4; ++threads) {
    const Pool pool(threads);
  }
  Pool all;
  BOOST_TEST(all.threads() == Pool::cores());
  BOOST_TEST(Pool::cores() >= 1);
}

BOOST_AUTO_TEST_CASE(denormals_are_zero_within_and_put_back_behind) {
  BOOST_REQUIRE(half_of_smallest() > 0);
#if defined(STRATA_HAS_MXCSR) || defined(__aarch64__)
  {
    const cpu::FlushDenormals flush;
    BOOST_TEST(half_of_smallest() == 0);
    { const cpu::FlushDenormals again; }
    BOOST_TEST(half_of_smallest() == 0);
  }
  BOOST_TEST(half_of_smallest() > 0);
  for (const int threads : {1, 2, 3}) {
    Pool pool(threads);
    std::atomic<int> arrived = 0, kept = 0;
    pool.run(threads, [&](int, int) {  // one task for each thread
      kept += half_of_smallest() > 0;
      ++arrived;
      while (arrived < threads) std::this_thread::yield();
    });
    BOOST_TEST(kept == 0);
    BOOST_TEST(half_of_smallest() > 0);
  }
#endif
}

BOOST_AUTO_TEST_SUITE_END()
