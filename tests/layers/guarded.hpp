// Memory of a test: filled with NaN, a vector of slack behind it that kernels may read but never write.
#pragma once

#include <layers/memory.hpp>

#include <cstddef>
#include <cstring>

namespace layer_test {

/// Owns bytes that begin on a multiple of 64. All bits are set at first: floats are NaN, indices too large.
class Guarded {
 public:
  static constexpr std::size_t slack = 64;

  explicit Guarded(std::size_t bytes) : size_(bytes), memory_(allocate(bytes + slack)) {
    std::memset(data(), 0xff, size_ + slack);
  }

  std::byte* data() const { return static_cast<std::byte*>(memory_.get()); }
  float* floats() const { return reinterpret_cast<float*>(data()); }

  /// NaN again.
  void wipe() { std::memset(data(), 0xff, size_); }

  /// True while bytes [begin, end) are as they were at first.
  bool untouched(std::size_t begin, std::size_t end) const {
    const std::byte* const bytes = data();
    for (std::size_t i = begin; i < end; ++i)
      if (bytes[i] != std::byte{0xff}) return false;
    return true;
  }

  /// True while nobody wrote into the slack.
  bool intact() const { return untouched(size_, size_ + slack); }

 private:
  std::size_t size_;
  Memory memory_;
};

}  // namespace layer_test
