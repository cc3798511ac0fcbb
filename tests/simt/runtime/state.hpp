// What the run time's GPU knows.
#pragma once

#include <simt/machine/watch.hpp>
#include <simt/runtime/gpu.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

/// Something in a stream: a launch, a copy, an event.
using Work = std::function<void()>;

struct CUstream_st {
  std::deque<Work> queue;
  std::vector<Work> recorded;
  bool records = false;
};

struct CUgraph_st {
  std::vector<Work> work;
};

struct CUgraphExec_st {
  std::vector<Work> work;
};

struct CUevent_st {
  double milliseconds = -1;  ///< when the stream came to it
  CUstream_st* stream = nullptr;
};

namespace simt {

struct Gpu::State {
  Settings settings{};
  std::map<std::uintptr_t, std::size_t> blocks;  ///< of the device's memory: begin and bytes
  std::size_t in_use = 0;
  int allocations = 0, graph_launches = 0, kernels_run = 0;
  std::vector<CUstream_st*> streams;
  CUstream_st* recording = nullptr;
  std::map<std::string, strata::cuda::calls::cudaError_t> failing;
  std::string complaint;  ///< about what was no place to throw from

  /// Whether all these bytes lie in one block.
  bool owns(std::uintptr_t begin, std::size_t bytes) const;
};

/// The GPU, null where there is none.
extern Gpu::State* gpu;

/// What a call begins with: throws what had to be left for later, then whatever the test wants to fail. Calls that
/// destructors make do not throw.
strata::cuda::calls::cudaError_t begin_call(const char* name);

/// Throws where a stream records a graph, which this call does not suit.
void refuse_recording(const std::string& call, const char* what_to_do);

/// Puts work into a stream: to its queue or to the graph it records; without a stream it is done at once.
void put(CUstream_st*, const std::string& what, Work);

/// Does all that is queued.
void run_all(CUstream_st*);

/// The CPU's accesses, seen one by one.
void watch_host(const void* address, std::size_t bytes, Access, const Where&);

/// Whether a kernel may not touch this address of the heap: there is a GPU, and it is not its memory.
bool is_foreign_to_gpu(std::uintptr_t address, std::size_t bytes);

}  // namespace simt
