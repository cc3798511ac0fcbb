// The CPU's memory that a GPU reads and writes in place, across the bus: slow, and what both sides see is the same.
//
// Tests of kernels launch in no stream and look at once at what came of it, as they may on the machine of simt/. So
// whoever asks where the memory is waits for that stream. (Work in other streams tests wait for themselves.)
#pragma once

#include <strata/cuda/runtime/check.hpp>

#include <cuda_runtime_api.h>

#include <cstring>
#include <memory>

namespace gpu_test {

class Mapped {
 public:
  /// So many bytes of 0xff: floats are NaN.
  explicit Mapped(std::size_t bytes) {
    void* memory = nullptr;
    strata::cuda::check(cudaHostAlloc(&memory, bytes + (bytes == 0), cudaHostAllocMapped), "cudaHostAlloc", "a test");
    if (bytes > 0) std::memset(memory, 0xff, bytes);
    memory_.reset(memory);
  }

  void* get() const {
    strata::cuda::check(cudaStreamSynchronize(nullptr), "cudaStreamSynchronize", "a test");
    return memory_.get();
  }

 private:
  struct Unmap {
    void operator()(void* memory) const { static_cast<void>(cudaFreeHost(memory)); }
  };
  std::unique_ptr<void, Unmap> memory_;
};

}  // namespace gpu_test
