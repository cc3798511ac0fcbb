// Memory of a test: filled with NaN, a vector of slack behind it that kernels may read but never write.
#pragma once

#include <cstddef>
#include <cstring>
#include <new>

namespace layer_test {

/// Owns bytes that begin on a multiple of 64. All bits are set at first: floats are NaN, indices too large.
class Guarded {
 public:
  static constexpr std::size_t slack = 64;

  explicit Guarded(std::size_t bytes)
      : size_(bytes), data_(static_cast<std::byte*>(::operator new (bytes + slack, std::align_val_t{64}))) {
    std::memset(data_, 0xff, size_ + slack);
  }
  ~Guarded() { ::operator delete (data_, std::align_val_t{64}); }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  std::byte* data() const { return data_; }
  float* floats() const { return reinterpret_cast<float*>(data_); }

  /// NaN again.
  void wipe() { std::memset(data_, 0xff, size_); }

  /// True while bytes [begin, end) are as they were at first.
  bool untouched(std::size_t begin, std::size_t end) const {
    for (std::size_t i = begin; i < end; ++i)
      if (data_[i] != std::byte{0xff}) return false;
    return true;
  }

  /// True while nobody wrote into the slack.
  bool intact() const { return untouched(size_, size_ + slack); }

 private:
  std::size_t size_;
  std::byte* data_;
};

}  // namespace layer_test
