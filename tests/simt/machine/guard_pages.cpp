#include <signal.h>
#include <unistd.h>
#include <simt/machine/fiber.hpp>
#include <simt/machine/guard_pages.hpp>
#include <simt/machine/sanitizer.hpp>

#include <cstddef>

namespace simt {

#if SIMT_ADDRESS_SANITIZER

GuardPages::GuardPages() = default;
GuardPages::~GuardPages() = default;

#else

namespace {

// What was there before, for whoever had asked for it.
struct sigaction former_action {};
stack_t former_stack{};

// Runs on a stack of its own. Afterwards the access comes again, and finds whoever is next.
void on_bad_address(int number, siginfo_t* info, void*) {
  if (!Fiber::is_guard_of_running(info->si_addr)) {
    sigaction(number, &former_action, nullptr);
    return;
  }
  constexpr char message[] =
      "simt: stack overflow: a thread of the kernel needs more than 128 KiB of stack; make its local arrays smaller "
      "and "
      "its calls less deep: a GPU has 255 registers for it\n";
  static_assert(Fiber::stack_bytes == 128 * 1024);
  [[maybe_unused]] const auto written = write(STDERR_FILENO, message, sizeof message - 1);
  signal(number, SIG_DFL);
}

}  // namespace

GuardPages::GuardPages() {
  static std::byte memory[64 * 1024];
  stack_t stack{};
  stack.ss_sp = memory;
  stack.ss_size = sizeof memory;
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
