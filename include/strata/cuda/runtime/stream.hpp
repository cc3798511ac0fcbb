// Queues of work, and how long the work took.
#pragma once

#include <strata/cuda/runtime/check.hpp>

#include <utility>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// Waits until all work that was queued is done; errors of that work come out here.
inline void wait_for(Stream stream, std::string_view purpose) {
  check(calls::cudaStreamSynchronize(stream), "cudaStreamSynchronize", purpose);
}

/// Owns a stream, which waits for no other.
class OwnedStream {
 public:
  OwnedStream() {
    check(calls::cudaStreamCreateWithFlags(&stream_, calls::non_blocking), "cudaStreamCreateWithFlags",
          "a queue of the GPU's work");
  }
  OwnedStream(OwnedStream&& other) noexcept : stream_(std::exchange(other.stream_, nullptr)) {}
  OwnedStream& operator=(OwnedStream&& other) noexcept {
    std::swap(stream_, other.stream_);
    return *this;
  }
  ~OwnedStream() {
    if (stream_ != nullptr) static_cast<void>(calls::cudaStreamDestroy(stream_));
  }

  operator Stream() const { return stream_; }

 private:
  Stream stream_ = nullptr;
};

/// Measures on the GPU the time between two places of a stream.
class Timer {
 public:
  Timer() {
    check(calls::cudaEventCreate(&begin_), "cudaEventCreate", "timing");
    check(calls::cudaEventCreate(&end_), "cudaEventCreate", "timing");
  }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() {
    for (const calls::cudaEvent_t event : {begin_, end_})
      if (event != nullptr) static_cast<void>(calls::cudaEventDestroy(event));
  }

  void start(Stream stream) { check(calls::cudaEventRecord(begin_, stream), "cudaEventRecord", "timing"); }
  void stop(Stream stream) { check(calls::cudaEventRecord(end_, stream), "cudaEventRecord", "timing"); }

  /// Between start and stop. Waits for the latter.
  double milliseconds() const {
    float time = 0;
    check(calls::cudaEventSynchronize(end_), "cudaEventSynchronize", "timing");
    check(calls::cudaEventElapsedTime(&time, begin_, end_), "cudaEventElapsedTime", "timing");
    return static_cast<double>(time);
  }

 private:
  calls::cudaEvent_t begin_ = nullptr, end_ = nullptr;
};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
