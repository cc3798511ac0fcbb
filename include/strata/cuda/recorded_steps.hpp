// Steps that are recorded once and launched many at a time.
#pragma once

#include <strata/cuda/runtime.hpp>

#include <cstdint>
#include <map>
#include <utility>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// How steps are launched.
struct Launches {
  int steps = 32;       ///< so many are one graph, and one launch
  bool records = true;  ///< false: each kernel is launched by itself, for debuggers and tests
};

/// The recordings of a step: one for each number of steps and each batch that was asked for.
class RecordedSteps {
 public:
  explicit RecordedSteps(const Launches& how) : how_(how) {}

  /// Queues `count` steps with a batch; `step` queues one. It must be the same each time, and read from the device's
  /// memory whatever changes.
  template <class Step>
  void run(Stream stream, std::int64_t count, int batch, std::string_view purpose, const Step& step) {
    for (; count >= how_.steps; count -= how_.steps) launch(stream, how_.steps, batch, purpose, step);
    for (; count > 0; --count) launch(stream, 1, batch, purpose, step);
  }

 private:
  template <class Step>
  void launch(Stream stream, int steps, int batch, std::string_view purpose, const Step& step) {
    const auto all = [&] {
      for (int i = 0; i < steps; ++i) step();
    };
    if (!how_.records) return all();
    Graph& graph = graphs_[{steps, batch}];
    if (!graph) graph = Graph(stream, purpose, all);
    graph.launch(stream, purpose);
  }

  Launches how_;
  std::map<std::pair<int, int>, Graph> graphs_;
};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
