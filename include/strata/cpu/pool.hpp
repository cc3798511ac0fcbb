// A small pool of threads that run the tasks of one parallel region at a time.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/text.hpp>
#include <strata/cpu/vector.hpp>

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

#if defined(__x86_64__) || defined(__i386__)
#define STRATA_HAS_MXCSR 1
#endif

namespace strata::cpu {
inline namespace STRATA_ISA {

/// While one lives, this thread treats denormal floats as zero, as they cost a hundred cycles each and carry nothing
/// that training needs. The former state is restored.
class FlushDenormals {
 public:
  FlushDenormals() {
#if defined(STRATA_HAS_MXCSR)
    saved_ = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(saved_ | 0x8040u);  // flush to zero, denormals are zero
#elif defined(__aarch64__)
    std::uint64_t state;
    __asm__ volatile("mrs %0, fpcr" : "=r"(state));
    saved_ = state;
    __asm__ volatile("msr fpcr, %0" ::"r"(state | std::uint64_t{1} << 24));
#endif
  }
  ~FlushDenormals() {
#if defined(STRATA_HAS_MXCSR)
    __builtin_ia32_ldmxcsr(saved_);
#elif defined(__aarch64__)
    __asm__ volatile("msr fpcr, %0" ::"r"(saved_));
#endif
  }
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
#if defined(__aarch64__)
  std::uint64_t saved_ = 0;
#else
  unsigned saved_ = 0;
#endif
};

/// A lock, and a place to sleep until another thread calls. Like the threads of a Pool it is POSIX's own: <thread> and
/// <condition_variable> bring calendars, semaphores and streams along (see core/storage.hpp).
class Monitor {
 public:
  Monitor() = default;
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;
  ~Monitor() {
    pthread_cond_destroy(&called_);
    pthread_mutex_destroy(&mutex_);
  }

  void lock() { pthread_mutex_lock(&mutex_); }
  void unlock() { pthread_mutex_unlock(&mutex_); }
  /// Gives the lock away and sleeps; wakes with it after notify_all, and now and then without.
  void wait() { pthread_cond_wait(&called_, &mutex_); }
  void notify_all() { pthread_cond_broadcast(&called_); }

 private:
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t called_ = PTHREAD_COND_INITIALIZER;
};

/// Threads for parallel regions. A region is a number of tasks; tasks are handed out one by one, so which thread runs a
/// task varies, and a kernel may depend on the task's number only. The caller works too, so a pool of one has no
/// threads. A region ends when its tasks are done: it waits for no thread that took none, so that a thread that the
/// system keeps from running costs only its share. Regions neither allocate nor throw.
class Pool {
 public:
  /// A pool of `threads` threads, the caller among them; 0 stands for the machine's cores.
  [[gnu::cold]] explicit Pool(int threads = 0) : threads_(threads > 0 ? threads : cores()) {
    workers_.reserve(static_cast<std::size_t>(threads_ - 1));
    for (int t = 1; t < threads_; ++t) {
      Worker& worker = workers_.emplace_back(Worker{this, t, {}});  // stays there: there is room for all
      const int code = pthread_create(&worker.handle, nullptr, &Worker::run, &worker);
      if (code == 0) continue;
      workers_.pop_back();
      stop();
      throw Error(joined({"cannot start thread ", t + 1, " of ", threads_, ": ", std::strerror(code)}));
    }
  }

  ~Pool() { stop(); }

  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// Number of threads, the caller among them.
  int threads() const { return threads_; }

  /// The machine's cores, at least 1.
  static int cores() {
    const long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : static_cast<int>(n);
  }

  /// As below, on the calling thread alone where `flops`, the operations of the whole region, take no longer than it
  /// takes to share them.
  template <class F>
  void run(int tasks, std::int64_t flops, F&& f) {
    constexpr std::int64_t worth_sharing = 400'000;  // 2 microseconds of one core's multiply-adds
    if (flops >= worth_sharing) return run(tasks, static_cast<F&&>(f));
    const FlushDenormals flush;
    for (int task = 0; task < tasks; ++task) f(task, 0);
  }

  /// Runs f(task, thread) for every task in [0, tasks), and returns when all are done. `thread` is in [0, threads())
  /// and tells concurrent tasks apart, for their scratch.
  template <class F>
  void run(int tasks, F&& f) {
    const FlushDenormals flush;  // workers do: which thread runs a task must not show in its results
    if (threads_ == 1 || tasks <= 1) {
      for (int task = 0; task < tasks; ++task) f(task, 0);
      return;
    }
    const Call call = [](void* body, int task, int thread) {
      (*static_cast<std::remove_reference_t<F>*>(body))(task, thread);
    };
    start(call, const_cast<void*>(static_cast<const void*>(&f)), tasks);
    help(0);
    for (int spins = 0; pending_.load(std::memory_order_acquire) != 0; ++spins) {
      if (spins < 4000)
        pause();
      else
        sched_yield();  // a worker may be waiting for this very core
    }
  }

 private:
  using Call = void (*)(void*, int, int);

  struct Worker {
    Pool* pool;
    int thread;
    pthread_t handle;

    static void* run(void* worker) {
      const auto* self = static_cast<const Worker*>(worker);
      self->pool->work(self->thread);
      return nullptr;
    }
  };

  [[gnu::cold]] void stop() {
    sleep_.lock();
    stopping_ = true;
    sleep_.unlock();
    sleep_.notify_all();
    for (const Worker& w : workers_) pthread_join(w.handle, nullptr);
  }

  static void pause() {
#if defined(STRATA_HAS_MXCSR)
    __builtin_ia32_pause();
#endif
  }

  /// Tasks of a region that no thread has taken yet, from its state.
  static std::uint32_t untaken(std::uint64_t state) { return static_cast<std::uint32_t>(state); }

  void start(Call call, void* body, int tasks) {
    call_ = call;
    body_ = body;
    tasks_ = tasks;
    pending_.store(tasks, std::memory_order_relaxed);
    // The region's number keeps a thread that was asleep in the middle of taking a task from taking one of a later
    // region for one of an earlier.
    const std::uint64_t region = (state_.load(std::memory_order_relaxed) >> 32) + 1;
    state_.store(region << 32 | static_cast<std::uint32_t>(tasks), std::memory_order_seq_cst);
    if (sleepers_.load(std::memory_order_seq_cst) > 0) {
      sleep_.lock();  // whoever counted itself among the sleepers is asleep once this thread has the lock
      sleep_.unlock();
      sleep_.notify_all();
    }
  }

  /// Takes tasks until none is left. While a thread holds a task its region goes on, so what describes it stays.
  void help(int thread) {
    int done = 0;
    for (std::uint64_t state = state_.load(std::memory_order_acquire); untaken(state) > 0;) {
      if (!state_.compare_exchange_weak(state, state - 1, std::memory_order_acq_rel, std::memory_order_acquire))
        continue;
      call_(body_, tasks_ - static_cast<int>(untaken(state)), thread);
      ++done;
      state = state_.load(std::memory_order_acquire);
    }
    if (done > 0) pending_.fetch_sub(done, std::memory_order_release);
  }

  /// Moves this thread to a core of its own for a start. Where all threads begin on their maker's core, the scheduler
  /// may leave two of them there for milliseconds. Afterwards it is free again.
  static void spread([[maybe_unused]] int thread) {
#if defined(__linux__)
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
    const int cores = CPU_COUNT(&allowed), here = sched_getcpu();
    if (cores < 2 || here < 0) return;
    int skip = thread % cores;
    for (int core = here;; core = (core + 1) % CPU_SETSIZE) {
      if (!CPU_ISSET(core, &allowed)) continue;
      if (skip-- > 0) continue;
      cpu_set_t one;
      CPU_ZERO(&one);
      CPU_SET(core, &one);
      if (sched_setaffinity(0, sizeof one, &one) == 0) sched_setaffinity(0, sizeof allowed, &allowed);
      return;
    }
#endif
  }

  void work(int thread) {
    spread(thread);
    const FlushDenormals flush;
    while (!stopping_.load(std::memory_order_relaxed)) {
      // A step opens regions microseconds apart: spin for a while before sleeping.
      int spins = 0;
      while (spins < 4000 && untaken(state_.load(std::memory_order_acquire)) == 0) ++spins, pause();
      if (spins == 4000) {
        sleep_.lock();
        sleepers_.fetch_add(1, std::memory_order_seq_cst);
        while (!stopping_ && untaken(state_.load(std::memory_order_seq_cst)) == 0) sleep_.wait();
        sleepers_.fetch_sub(1, std::memory_order_seq_cst);
        sleep_.unlock();
      }
      help(thread);
    }
  }

  const int threads_;
  std::vector<Worker> workers_;
  Monitor sleep_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> sleepers_{0};
  // What threads write apart from what they only read.
  alignas(64) std::atomic<std::uint64_t> state_{0};  ///< number of the region, and tasks that nobody has taken yet
  alignas(64) std::atomic<int> pending_{0};          ///< tasks that are not done
  alignas(64) Call call_ = nullptr;
  void* body_ = nullptr;
  int tasks_ = 0;
};

}  // namespace STRATA_ISA
}  // namespace strata::cpu
