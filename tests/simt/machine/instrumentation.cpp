// What -fsanitize=thread makes of a kernel's loads and stores: calls, which this file answers in place of
// ThreadSanitizer's own library. That one knows threads of the system and not CUDA's rules.
#include <simt/machine/state.hpp>
#include <simt/machine/watch.hpp>
#include <simt/runtime/state.hpp>

#include <cstring>

namespace {

void note(const void* address, std::size_t bytes, simt::Access access, const void* code) {
  if (simt::state.running == nullptr) return simt::watch_host(address, bytes, access, code);
  if (simt::state.inside) return;
  simt::state.inside = true;
  simt::watch(address, bytes, access, code);
  simt::state.inside = false;
}

}  // namespace

// The names and signatures are the compilers'.
#pragma GCC diagnostic ignored "-Wpedantic"
#if defined(__clang__)
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#endif

#define SIMT_ACCESS(bytes)                                                                                          \
  void __tsan_read##bytes(void* p) { note(p, bytes, simt::Access::read, __builtin_return_address(0)); }             \
  void __tsan_write##bytes(void* p) { note(p, bytes, simt::Access::write, __builtin_return_address(0)); }           \
  void __tsan_unaligned_read##bytes(void* p) { note(p, bytes, simt::Access::read, __builtin_return_address(0)); }   \
  void __tsan_unaligned_write##bytes(void* p) { note(p, bytes, simt::Access::write, __builtin_return_address(0)); } \
  void __tsan_read_write##bytes(void* p) { note(p, bytes, simt::Access::write, __builtin_return_address(0)); }      \
  void __tsan_unaligned_read_write##bytes(void* p) {                                                                \
    note(p, bytes, simt::Access::write, __builtin_return_address(0));                                               \
  }                                                                                                                 \
  void __tsan_volatile_read##bytes(void* p) { note(p, bytes, simt::Access::read, __builtin_return_address(0)); }    \
  void __tsan_volatile_write##bytes(void* p) { note(p, bytes, simt::Access::write, __builtin_return_address(0)); }

// Atomics of the host's own text (kernels have atomic_add).
#define SIMT_ATOMIC(bits, T)                                                                                        \
  T __tsan_atomic##bits##_load(const volatile T* p, int) { return __atomic_load_n(p, __ATOMIC_SEQ_CST); }           \
  void __tsan_atomic##bits##_store(volatile T* p, T v, int) { __atomic_store_n(p, v, __ATOMIC_SEQ_CST); }           \
  T __tsan_atomic##bits##_exchange(volatile T* p, T v, int) { return __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST); } \
  T __tsan_atomic##bits##_fetch_add(volatile T* p, T v, int) { return __atomic_fetch_add(p, v, __ATOMIC_SEQ_CST); } \
  T __tsan_atomic##bits##_fetch_sub(volatile T* p, T v, int) { return __atomic_fetch_sub(p, v, __ATOMIC_SEQ_CST); } \
  T __tsan_atomic##bits##_fetch_and(volatile T* p, T v, int) { return __atomic_fetch_and(p, v, __ATOMIC_SEQ_CST); } \
  T __tsan_atomic##bits##_fetch_or(volatile T* p, T v, int) { return __atomic_fetch_or(p, v, __ATOMIC_SEQ_CST); }   \
  T __tsan_atomic##bits##_fetch_xor(volatile T* p, T v, int) { return __atomic_fetch_xor(p, v, __ATOMIC_SEQ_CST); } \
  int __tsan_atomic##bits##_compare_exchange_strong(volatile T* p, T* expected, T v, int, int) {                    \
    return __atomic_compare_exchange_n(p, expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);                  \
  }                                                                                                                 \
  int __tsan_atomic##bits##_compare_exchange_weak(volatile T* p, T* expected, T v, int, int) {                      \
    return __atomic_compare_exchange_n(p, expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);                  \
  }                                                                                                                 \
  T __tsan_atomic##bits##_compare_exchange_val(volatile T* p, T expected, T v, int, int) {                          \
    __atomic_compare_exchange_n(p, &expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);                        \
    return expected;                                                                                                \
  }

extern "C" {

void __tsan_init() { simt::set_sees_accesses(); }
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_vptr_read(void**) {}
void __tsan_vptr_update(void**, void*) {}
void __tsan_atomic_thread_fence(int) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
void __tsan_atomic_signal_fence(int) {}

SIMT_ACCESS(1)
SIMT_ACCESS(2)
SIMT_ACCESS(4)
SIMT_ACCESS(8)
SIMT_ACCESS(16)

void __tsan_read_range(void* p, unsigned long bytes) {
  note(p, bytes, simt::Access::read, __builtin_return_address(0));
}
void __tsan_write_range(void* p, unsigned long bytes) {
  note(p, bytes, simt::Access::write, __builtin_return_address(0));
}
void* __tsan_memcpy(void* to, const void* from, unsigned long bytes) {
  note(from, bytes, simt::Access::read, __builtin_return_address(0));
  note(to, bytes, simt::Access::write, __builtin_return_address(0));
  return std::memcpy(to, from, bytes);
}
void* __tsan_memmove(void* to, const void* from, unsigned long bytes) {
  note(from, bytes, simt::Access::read, __builtin_return_address(0));
  note(to, bytes, simt::Access::write, __builtin_return_address(0));
  return std::memmove(to, from, bytes);
}
void* __tsan_memset(void* to, int value, unsigned long bytes) {
  note(to, bytes, simt::Access::write, __builtin_return_address(0));
  return std::memset(to, value, bytes);
}

SIMT_ATOMIC(8, unsigned char)
SIMT_ATOMIC(16, unsigned short)
SIMT_ATOMIC(32, unsigned int)
SIMT_ATOMIC(64, unsigned long)

}  // extern "C"
