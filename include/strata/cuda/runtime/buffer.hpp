// Memory of the device.
#pragma once

#include <strata/cuda/runtime/check.hpp>

#include <span>
#include <type_traits>
#include <utility>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// Owns `size` objects in the device's memory, from a multiple of 256 bytes on. The CPU never looks into it: it uploads
/// and downloads, in the order of a stream, and keeps its side of a copy alive and untouched until the stream has been
/// waited for.
template <class T>
class DeviceBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  DeviceBuffer() = default;

  /// Memory with no value yet. `purpose` is for messages: "the workspace".
  DeviceBuffer(std::size_t size, std::string_view purpose) : size_(size) {
    if (size > 0) check(calls::cudaMalloc(&memory_, size * sizeof(T)), "cudaMalloc", purpose);
  }
  DeviceBuffer(DeviceBuffer&& other) noexcept
      : memory_(std::exchange(other.memory_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~DeviceBuffer() {
    if (memory_ != nullptr) static_cast<void>(calls::cudaFree(memory_));
  }

  T* data() const { return static_cast<T*>(memory_); }
  std::size_t size() const { return size_; }

  void zero(Stream stream) {
    if (size_ > 0)
      check(calls::cudaMemsetAsync(memory_, 0, size_ * sizeof(T), stream), "cudaMemsetAsync", "zeroing memory");
  }

  /// Copies from the CPU's memory to the objects from `first` on.
  void upload(Stream stream, std::span<const T> from, std::size_t first = 0) {
    if (!from.empty())
      check(
          calls::cudaMemcpyAsync(data() + first, from.data(), from.size_bytes(), calls::cudaMemcpyHostToDevice, stream),
          "cudaMemcpyAsync", "a copy to the GPU");
  }

  /// Copies the objects from `first` on to the CPU's memory.
  void download(Stream stream, std::span<T> to, std::size_t first = 0) const {
    if (!to.empty())
      check(calls::cudaMemcpyAsync(to.data(), data() + first, to.size_bytes(), calls::cudaMemcpyDeviceToHost, stream),
            "cudaMemcpyAsync", "a copy from the GPU");
  }

 private:
  void* memory_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
