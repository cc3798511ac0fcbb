#include <sys/mman.h>
#include <simt/machine/context.hpp>
#include <simt/machine/fiber.hpp>
#include <simt/machine/sanitizer.hpp>

#include <new>

#if SIMT_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace simt {
namespace {

/// The stack of the thread that resumes fibers.
struct Home {
  void* stack_pointer = nullptr;
  void* fake_stack = nullptr;
  const void* bottom = nullptr;
  std::size_t bytes = 0;
};
Home home;
const std::byte* guard_of_running = nullptr;

// Tells AddressSanitizer of the switch, before and behind it.
void before_switch([[maybe_unused]] void** save, [[maybe_unused]] const void* bottom,
                   [[maybe_unused]] std::size_t bytes) {
#if SIMT_ADDRESS_SANITIZER
  __sanitizer_start_switch_fiber(save, bottom, bytes);
#endif
}
void behind_switch([[maybe_unused]] void* saved, [[maybe_unused]] const void** bottom,
                   [[maybe_unused]] std::size_t* bytes) {
#if SIMT_ADDRESS_SANITIZER
  __sanitizer_finish_switch_fiber(saved, bottom, bytes);
#endif
}

void (*entry_of_fibers)() = nullptr;

void first_turn() {
  behind_switch(nullptr, &home.bottom, &home.bytes);
  entry_of_fibers();
}

}  // namespace

Fiber::Fiber() {
  void* const memory =
      mmap(nullptr, guard_bytes + stack_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  memory_ = static_cast<std::byte*>(memory);
  if (mprotect(memory_ + guard_bytes, stack_bytes, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
}

Fiber::~Fiber() { munmap(memory_, guard_bytes + stack_bytes); }

void Fiber::reset(void (*entry)()) {
  entry_of_fibers = entry;
  std::byte* const stack = memory_ + guard_bytes;
#if SIMT_ADDRESS_SANITIZER
  __asan_unpoison_memory_region(stack, stack_bytes);  // frames that were left behind
#endif
  fake_stack_ = nullptr;
  stack_pointer_ = first_context(stack + stack_bytes, first_turn);
}

void Fiber::resume() {
  guard_of_running = memory_;
  before_switch(&home.fake_stack, memory_ + guard_bytes, stack_bytes);
  simt_switch_context(&home.stack_pointer, stack_pointer_);
  behind_switch(home.fake_stack, nullptr, nullptr);
  guard_of_running = nullptr;
}

void Fiber::pause() {
  before_switch(&fake_stack_, home.bottom, home.bytes);
  simt_switch_context(&stack_pointer_, home.stack_pointer);
  behind_switch(fake_stack_, &home.bottom, &home.bytes);
}

bool Fiber::is_guard_of_running(const void* address) {
  const auto* const a = static_cast<const std::byte*>(address);
  return guard_of_running != nullptr && a >= guard_of_running && a < guard_of_running + guard_bytes;
}

}  // namespace simt
