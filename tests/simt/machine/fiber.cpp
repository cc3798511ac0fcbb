#include <simt/machine/context.hpp>
#include <simt/machine/fiber.hpp>

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SIMT_ADDRESS_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define SIMT_ADDRESS_SANITIZER 1
#endif
#if defined(SIMT_ADDRESS_SANITIZER)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace simt {
namespace {

constexpr std::size_t guard_bytes = 64 * 1024;  // of any system's page size, and more than most frames reach over

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
#if defined(SIMT_ADDRESS_SANITIZER)
  __sanitizer_start_switch_fiber(save, bottom, bytes);
#endif
}
void behind_switch([[maybe_unused]] void* saved, [[maybe_unused]] const void** bottom,
                   [[maybe_unused]] std::size_t* bytes) {
#if defined(SIMT_ADDRESS_SANITIZER)
  __sanitizer_finish_switch_fiber(saved, bottom, bytes);
#endif
}

void (*entry_of_fibers)() = nullptr;

void first_turn() {
  behind_switch(nullptr, &home.bottom, &home.bytes);
  entry_of_fibers();
}

// What was there before, for whoever had asked for it.
struct sigaction former_action {};
stack_t former_stack{};

// A kernel that uses more stack than there is ends the program here, on a stack of the signal's own.
void on_bad_address(int signal_number, siginfo_t* info, void*) {
  const auto* const address = static_cast<const std::byte*>(info->si_addr);
  if (guard_of_running != nullptr && address >= guard_of_running && address < guard_of_running + guard_bytes) {
    constexpr char message[] =
        "simt: stack overflow: a thread of the kernel needs more than 128 KiB of stack; a GPU gives it 255 registers, "
        "so make its local arrays smaller and its calls less deep\n";
    [[maybe_unused]] const auto written = write(STDERR_FILENO, message, sizeof message - 1);
    signal(signal_number, SIG_DFL);
    return;
  }
  sigaction(signal_number, &former_action, nullptr);  // the access comes again, and is somebody else's
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
#if defined(SIMT_ADDRESS_SANITIZER)
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

bool Fiber::holds(const void* address) const {
  const auto* const a = static_cast<const std::byte*>(address);
  return a >= memory_ && a < memory_ + guard_bytes + stack_bytes;
}

#if defined(SIMT_ADDRESS_SANITIZER)  // which reports a stack overflow by itself

GuardPages::GuardPages() { static_cast<void>(on_bad_address); }
GuardPages::~GuardPages() = default;

#else

GuardPages::GuardPages() {
  static std::byte alternative[64 * 1024];
  stack_t stack{};
  stack.ss_sp = alternative;
  stack.ss_size = sizeof alternative;
  sigaltstack(&stack, &former_stack);
  struct sigaction action {};
  action.sa_sigaction = on_bad_address;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigaction(SIGSEGV, &action, &former_action);
}

GuardPages::~GuardPages() {
  sigaction(SIGSEGV, &former_action, nullptr);
  sigaltstack(&former_stack, nullptr);
}

#endif

}  // namespace simt
