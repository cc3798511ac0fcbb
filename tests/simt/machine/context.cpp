#include <simt/machine/context.hpp>

#include <cstring>

// The registers that a function must keep, by the calling conventions of System V and AAPCS64.
#if defined(__x86_64__)
asm(R"(
.text
.globl simt_switch_context
.type simt_switch_context, @function
simt_switch_context:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size simt_switch_context, .-simt_switch_context
)");
#elif defined(__aarch64__)
asm(R"(
.text
.globl simt_switch_context
.type simt_switch_context, @function
simt_switch_context:
  sub sp, sp, #160
  stp x19, x20, [sp, #0]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
  ldp x19, x20, [sp, #0]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  ret
.size simt_switch_context, .-simt_switch_context
)");
#else
#error "simt: no switch of contexts for this processor; write one in tests/simt/machine/context.cpp"
#endif

namespace simt {

void* first_context(void* top, void (*entry)()) {
  const auto address = reinterpret_cast<void*>(entry);
#if defined(__x86_64__)
  // Six registers, the address that `ret` takes, and a null where entry's own return address would be.
  void** const frame = static_cast<void**>(top) - 8;
  std::memset(frame, 0, 8 * sizeof(void*));
  frame[6] = address;
#else
  void** const frame = static_cast<void**>(top) - 20;
  std::memset(frame, 0, 20 * sizeof(void*));
  frame[11] = address;
#endif
  return frame;
}

}  // namespace simt
