// A GPU for CUDA's run time (strata/cuda/runtime/calls.hpp) without a GPU: its memory is the CPU's, its kernels run on
// the machine.
//
// It is as late as a GPU may be: what is queued in a stream runs when somebody waits for the stream and not before, so
// that nothing the CPU reads too early is there yet. Work in no stream runs at once.
#pragma once

#include <strata/cuda/runtime/calls.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace simt {

/// The one GPU that there is while this object lives. What CUDA forbids is a Fault, thrown by the call or, where the
/// CPU touches the device's memory, by the call behind it:
///
/// - while a stream records a graph: waiting, allocating, copies from or to the CPU's memory, other streams' work;
/// - copies beyond the device's memory, or in the wrong direction;
/// - an access of the CPU to the device's memory, and of a kernel to the CPU's heap (where accesses are seen).
class Gpu {
 public:
  struct Settings {
    std::size_t memory = std::size_t{1} << 30;
    int major = 8;       ///< of its architecture
    int driver = 13000;  ///< the CUDA that it knows; 0: there is none
  };

  Gpu();
  explicit Gpu(const Settings&);
  ~Gpu();
  Gpu(const Gpu&) = delete;
  Gpu& operator=(const Gpu&) = delete;

  std::size_t bytes_in_use() const;
  int allocations() const;     ///< so far
  int graph_launches() const;  ///< so far
  int kernels_run() const;     ///< so far

  /// The next call of this name does nothing but report an error.
  void fail_next(const std::string& call, strata::cuda::calls::cudaError_t);

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace simt
