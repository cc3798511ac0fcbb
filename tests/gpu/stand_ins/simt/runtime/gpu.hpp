// Stands in for the run time's GPU of tests/simt: a real one, which counts nothing.
#pragma once

#include <strata/cuda/runtime.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>

namespace simt {

class Gpu {
 public:
  struct Settings {
    std::size_t memory = 0;
  };

  Gpu() {}
  explicit Gpu(const Settings&) {}
  ~Gpu() {}
  Gpu(const Gpu&) = delete;
  Gpu& operator=(const Gpu&) = delete;

  std::size_t bytes_in_use() const { return 0; }
  int allocations() const { return 0; }
  int graph_launches() const { return 0; }
  int kernels_run() const { return 0; }
  void fail_next(const char*, strata::cuda::calls::cudaError_t) {}
};

}  // namespace simt
