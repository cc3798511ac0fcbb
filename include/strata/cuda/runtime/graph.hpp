// Work recorded once and launched again and again: a CUDA graph.
#pragma once

#include <strata/cuda/runtime/check.hpp>

#include <utility>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// Launches and copies that a stream recorded. Their arguments are those of the recording; what they read from the
/// device's memory they read anew each time.
class Graph {
 public:
  Graph() = default;

  /// Records what `work` puts into the stream, and runs none of it. In the meantime nothing may allocate, wait or copy
  /// from or to the CPU's memory.
  template <class Work>
  Graph(Stream stream, std::string_view purpose, Work work) {
    check(calls::cudaStreamBeginCapture(stream, calls::cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture",
          purpose);
    Recorded recorded{stream};
    work();
    check(recorded.end(), "cudaStreamEndCapture", purpose);
    check(calls::cudaGraphInstantiate(&graph_, recorded.graph, 0), "cudaGraphInstantiate", purpose);
  }
  Graph(Graph&& other) noexcept : graph_(std::exchange(other.graph_, nullptr)) {}
  Graph& operator=(Graph&& other) noexcept {
    std::swap(graph_, other.graph_);
    return *this;
  }
  ~Graph() {
    if (graph_ != nullptr) static_cast<void>(calls::cudaGraphExecDestroy(graph_));
  }

  /// Whether there is anything to launch.
  explicit operator bool() const { return graph_ != nullptr; }

  void launch(Stream stream, std::string_view purpose) const {
    check(calls::cudaGraphLaunch(graph_, stream), "cudaGraphLaunch", purpose);
  }

 private:
  /// A recording, which ends whatever happens.
  struct Recorded {
    Stream stream;
    calls::cudaGraph_t graph = nullptr;
    bool ended = false;

    calls::cudaError_t end() {
      ended = true;
      return calls::cudaStreamEndCapture(stream, &graph);
    }
    ~Recorded() {
      if (!ended) static_cast<void>(end());
      if (graph != nullptr) static_cast<void>(calls::cudaGraphDestroy(graph));
    }
  };

  calls::cudaGraphExec_t graph_ = nullptr;
};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
