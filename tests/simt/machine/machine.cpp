// The life of a launch: blocks one after another, threads in turns, barriers, and what is said when nothing goes on.
#include <simt/machine/guard_pages.hpp>
#include <simt/machine/schedule.hpp>
#include <simt/machine/state.hpp>
#include <simt/machine/watch.hpp>

#include <algorithm>
#include <map>
#include <utility>

namespace simt {

State state;

std::string text(const Index& i) {
  return "(" + std::to_string(i.x) + ", " + std::to_string(i.y) + ", " + std::to_string(i.z) + ")";
}

void fault(const std::string& what_and_what_to_do) {
  std::string message = std::string("kernel ") + state.launch->kernel;
  if (state.running != nullptr) message += ", block " + text(state.block) + ", thread " + text(state.running->index);
  throw Fault(message + ": " + what_and_what_to_do);
}

void wait(Thread::State reason, const char* what, Site site) {
  Thread& thread = *state.running;
  thread.waits_for = what;
  thread.waits_at = site;
  thread.state = reason;
  thread.fiber->pause();
}

namespace {

[[noreturn]] void thread_main() {
  for (;;) {
    try {
      state.inside = false;
      state.body(state.data);
    } catch (...) {
      state.failure = std::current_exception();
    }
    state.inside = true;
    state.running->state = Thread::State::returned;
    ++state.returned;
    state.running->fiber->pause();
  }
}

/// "0-6, 9": numbers in rising order.
std::string ranges(const std::vector<unsigned>& numbers) {
  std::string text;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t last = i;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    text += (text.empty() ? "" : ", ") + std::to_string(numbers[i]);
    if (last > i) text += "-" + std::to_string(numbers[last]);
    i = last + 1;
  }
  return text;
}

[[noreturn]] void report_deadlock() {
  std::map<std::string, std::vector<unsigned>> by_place;
  for (unsigned i = 0; i < state.threads; ++i) {
    const Thread& t = state.thread[i];
    by_place[t.state == Thread::State::returned
                 ? std::string("have returned")
                 : std::string("wait in ") + t.waits_for + " at " + text(Where(t.waits_at))]
        .push_back(i);
  }
  std::string who;
  for (const auto& [place, threads] : by_place)
    who += (who.empty() ? "threads " : "; threads ") + ranges(threads) + " " + place;
  state.running = nullptr;
  fault("deadlock in block " + text(state.block) + ": " + who +
        "; let every thread come to each sync_block, and every lane of a mask to each meeting of its warp");
}

void begin_block(const Index& block) {
  const Extent& size = state.launch->block;
  state.block = block;
  ++state.block_number;
  state.threads = static_cast<unsigned>(size.count());
  state.returned = state.arrived = 0;
  state.barriers = 0;
  state.meetings.resize((state.threads + warp_size - 1) / warp_size);
  for (auto& meetings : state.meetings) meetings.clear();
  if (state.thread.size() < state.threads) state.thread.resize(state.threads);
  for (unsigned i = 0; i < state.threads; ++i) {
    Thread& t = state.thread[i];
    if (!t.fiber) t.fiber = std::make_unique<Fiber>();
    if (std::exchange(t.fresh, false)) t.fiber->reset(thread_main);
    t.state = Thread::State::ready;
    t.rank = i;
    t.index = {i % size.x, i / size.x % size.y, i / (size.x * size.y)};
    t.copies.clear();
    t.groups = 0;
    t.heard.fill(0);
  }
  state.threads_run += state.threads;
}

void run_block(Draws& draws) {
  const Schedule& schedule = state.settings.schedule;
  std::vector<unsigned> warps;
  while (state.returned < state.threads) {
    bool any_ready = false;
    order(warps, static_cast<unsigned>(state.meetings.size()), schedule, draws);
    for (const unsigned warp : warps) {
      const bool passed_over = schedule.shuffled && draws.below(4) == 0;  // so that warps drift apart
      const LaneOrder lanes(schedule, draws);
      for (unsigned i = 0; i < warp_size; ++i) {
        const unsigned rank = warp * warp_size + lanes.at(i);
        if (rank >= state.threads || state.thread[rank].state != Thread::State::ready) continue;
        any_ready = true;
        if (passed_over) break;
        state.running = &state.thread[rank];
        state.running->fiber->resume();
        if (state.failure) std::rethrow_exception(std::exchange(state.failure, nullptr));
      }
    }
    if (!any_ready) report_deadlock();
  }
}

void check_launch(const strata::cuda::machine::Request& launch) {
  const std::size_t threads = launch.block.count();
  if (threads == 0 || threads > 1024 || launch.block.z > 64)
    fault("a block of " + std::to_string(launch.block.x) + " x " + std::to_string(launch.block.y) + " x " +
          std::to_string(launch.block.z) + " threads; a block has 1 to 1024, and at most 64 in z");
  if (launch.shared_bytes > state.settings.shared_limit)
    fault("too much shared memory: the launch asks for " + std::to_string(launch.shared_bytes) +
          " bytes, and a block has at most " + std::to_string(state.settings.shared_limit) +
          "; take smaller tiles or fewer stages");
  if (launch.grid.count() == 0 || launch.grid.x > 0x7fffffff || launch.grid.y > 65535 || launch.grid.z > 65535)
    fault("a grid of " + std::to_string(launch.grid.x) + " x " + std::to_string(launch.grid.y) + " x " +
          std::to_string(launch.grid.z) + " blocks; a grid has 1 to 2^31 - 1 in x, 1 to 65535 in y and z");
}

/// Leaves everything as it was before the launch, whatever happened in it.
struct LaunchEnd {
  ~LaunchEnd() {
    if (state.returned < state.threads)  // threads that never came to their end
      for (Thread& t : state.thread) t.fresh = true;
    for (const SharedObject& s : state.shared) operator delete (s.memory, std::align_val_t{s.alignment});
    state.shared.clear();
    state.complaints.clear();
    state.complained.clear();
    state.complaint_count = 0;
    state.failure = nullptr;
    state.running = nullptr;
    state.launch = nullptr;
    state.returned = state.threads = 0;
  }
};

}  // namespace

Machine::Machine(const Settings& settings) : former_(std::exchange(state.settings, settings)) {}
Machine::~Machine() { state.settings = former_; }

std::uint64_t threads_run() { return state.threads_run; }

}  // namespace simt

namespace strata::cuda {
inline namespace STRATA_SIDE {
namespace machine {

using simt::state;

void run(const Request& launch, void (*body)(const void*), const void* data) {
  const simt::GuardPages guard;
  const simt::LaunchEnd end;
  state.launch = &launch;
  state.body = body;
  state.data = data;
  simt::check_launch(launch);
  simt::watch_launch_begin();
  simt::Draws draws(state.settings.schedule.seed);
  std::vector<unsigned> blocks;
  const auto count = static_cast<unsigned>(launch.grid.count());
  simt::order(blocks, count, state.settings.schedule, draws);
  for (const unsigned b : blocks) {
    simt::begin_block({b % launch.grid.x, b / launch.grid.x % launch.grid.y, b / (launch.grid.x * launch.grid.y)});
    simt::run_block(draws);
    simt::watch_block_end();
  }
  if (state.complaint_count == 0) return;
  std::string all;
  for (const std::string& complaint : state.complaints) all += "\n  " + complaint;
  state.running = nullptr;
  simt::fault(std::to_string(state.complaint_count) + " accesses are wrong in any schedule, among them:" + all);
}

Index thread_index() { return state.running->index; }
Index block_index() { return state.block; }
Extent block_size() { return state.launch->block; }
Extent grid_size() { return state.launch->grid; }

void sync_block(Site site) {
  const simt::Inside inside;
  if (state.arrived == 0) state.first_at_barrier = state.running;
  if (const simt::Thread& first = *state.first_at_barrier; state.arrived > 0 && !(first.waits_at == site))
    simt::fault("divergent barriers: it comes to the sync_block at " + simt::text(simt::Where(site)) +
                " while thread " + simt::text(first.index) + " waits in the one at " +
                simt::text(simt::Where(first.waits_at)) + "; put one barrier on the way of all threads");
  if (++state.arrived < state.threads) return simt::wait(simt::Thread::State::at_block_barrier, "sync_block", site);
  state.arrived = 0;
  ++state.barriers;
  for (unsigned i = 0; i < state.threads; ++i)
    if (simt::Thread& t = state.thread[i]; t.state == simt::Thread::State::at_block_barrier)
      t.state = simt::Thread::State::ready;
}

}  // namespace machine
}  // namespace STRATA_SIDE
}  // namespace strata::cuda
