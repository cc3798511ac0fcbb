#include <pthread.h>
#include <simt/machine/races.hpp>
#include <simt/machine/state.hpp>
#include <simt/machine/traffic_sites.hpp>
#include <simt/runtime/state.hpp>

extern "C" const char __executable_start, _end;  // the program's image, by the linker

namespace simt {
namespace {

Races races;
bool accesses_are_seen = false;

/// The stack of the thread that launches.
struct Range {
  std::uintptr_t begin = 0, bytes = 0;

  bool holds(std::uintptr_t address) const { return address - begin < bytes; }
};
Range host_stack;

Range find_host_stack() {
  pthread_attr_t attributes;
  void* begin = nullptr;
  std::size_t bytes = 0;
  if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
    pthread_attr_getstack(&attributes, &begin, &bytes);
    pthread_attr_destroy(&attributes);
  }
  return {reinterpret_cast<std::uintptr_t>(begin), bytes};
}

bool is_hosts(std::uintptr_t address) {
  const auto image = reinterpret_cast<std::uintptr_t>(&__executable_start);
  return address - image < reinterpret_cast<std::uintptr_t>(&_end) - image || host_stack.holds(address);
}

}  // namespace

bool sees_accesses() { return accesses_are_seen; }
void set_sees_accesses() { accesses_are_seen = true; }

void watch(const void* address, std::size_t bytes, Access access, const Where& where) {
  if (!accesses_are_seen || state.running->fiber->holds(address)) return;
  const auto a = reinterpret_cast<std::uintptr_t>(address);
  if (is_hosts(a)) {
    if (access == Access::read) return;  // the launch's arguments, tables of constants
    ++state.complaint_count;
    if (state.complaints.empty())
      state.complaints.push_back("it writes at " + text(where) +
                                 " to the host's stack or to static storage; keep what kernels write on the heap");
    return;
  }
  const bool is_shared = state.is_shared(a);
  if (!is_shared && is_foreign_to_gpu(a, bytes)) {
    ++state.complaint_count;
    if (state.complaints.empty())
      state.complaints.push_back("at " + text(where) + " it touches memory that is not the device's; " +
                                 "give the kernel what cudaMalloc gave");
    return;
  }
  if (state.settings.find_races) races.judge(a, bytes, access, is_shared, where);
  if (traffic_sites != nullptr) traffic_sites->note(a, bytes, access, is_shared, where);
}

void watch_copy_begin(const void* to, std::size_t bytes, const Where& where) {
  watch(to, bytes, Access::write, where);
  if (accesses_are_seen && state.settings.find_races)
    races.set_copy(reinterpret_cast<std::uintptr_t>(to), bytes, true, where);
}

void watch_copy_end(const void* to, std::size_t bytes, const Where& where) {
  if (!accesses_are_seen || !state.settings.find_races) return;
  const auto a = reinterpret_cast<std::uintptr_t>(to);
  races.set_copy(a, bytes, false, where);
  races.judge(a, bytes, Access::write, true, where);
}

void watch_launch_begin() {
  races.forget();
  host_stack = find_host_stack();
}

void watch_block_end() {
  if (traffic_sites != nullptr) traffic_sites->end_of_block();
}

}  // namespace simt
