// Memory that a kernel's test gives the kernel, as cudaMalloc would.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

namespace simt {

/// An array on the heap that begins at a multiple of 256 bytes, so that sectors count as on a GPU, and ends where its
/// last element does, so that AddressSanitizer sees its bounds. Elements that nobody wrote are bytes of 0xff: NaN.
template <class T>
class Global {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  explicit Global(std::size_t size) : size_(size), memory_(static_cast<T*>(operator new(size * sizeof(T), alignment))) {
    std::memset(static_cast<void*>(data()), 0xff, size * sizeof(T));
  }
  Global(std::size_t size, const T& value) : Global(size) { std::fill_n(data(), size, value); }
  Global(const std::vector<T>& values) : Global(values.size()) { std::copy(values.begin(), values.end(), data()); }

  T* data() { return memory_.get(); }
  const T* data() const { return memory_.get(); }
  std::size_t size() const { return size_; }
  T* begin() { return data(); }
  T* end() { return data() + size_; }
  T& operator[](std::size_t i) { return data()[i]; }
  const T& operator[](std::size_t i) const { return data()[i]; }

 private:
  static constexpr std::align_val_t alignment{256};
  struct Delete {
    void operator()(T* memory) const { operator delete(memory, alignment); }
  };

  std::size_t size_;
  std::unique_ptr<T, Delete> memory_;
};

}  // namespace simt
