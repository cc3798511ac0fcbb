// How a group becomes benchmarks: forward, weight gradient, input gradient, each with its share of the machine's limit.
#pragma once

#include "group_case.hpp"
#include "machine.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>

namespace bench {

/// The threads that all benchmarks run on, and their limits; set once in main.
struct Machine {
  strata::cpu::Pool* pool = nullptr;
  Limits limits;
};
inline Machine machine;

/// Work of one run: operations, of which a multiply-add is two, or bytes that have to move.
struct Work {
  double flops = 0;
  double bytes = 0;
};

/// Writes rate and share of the limit for runs that took `seconds` in all. Bytes count against the cache where they fit
/// into it, else against the memory. Both are limits of reading: a pass that stays in cache in part exceeds memory's.
inline void count(benchmark::State& state, const Work& work, double seconds) {
  const double runs = static_cast<double>(state.iterations()) / seconds;
  if (work.flops > 0) {
    state.counters["GFLOP/s"] = work.flops * 1e-9 * runs;
    state.counters["of_peak"] = work.flops * 1e-9 * runs / machine.limits.gflops;
  } else {
    const bool cached = work.bytes < 16e6;
    state.counters["GB/s"] = work.bytes * 1e-9 * runs;
    state.counters[cached ? "of_cache" : "of_memory"] =
        work.bytes * 1e-9 * runs / (cached ? machine.limits.cache_gbytes : machine.limits.memory_gbytes);
  }
}

/// Registers a benchmark that makes a `Case` and then times `run(case)`.
template <class Case, class Run>
void add_case(const std::string& name, int batch, Work work, Run run) {
  benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
    Case group(*machine.pool, batch);
    group.forward();
    const double begin = detail::seconds();
    for (auto _ : state) run(group);
    count(state, work, detail::seconds() - begin);
  })->UseRealTime();
}

/// Forward of a group.
template <strata::Mode M, class In, class... Ops>
void add_forward(const std::string& name, int batch, Work work) {
  add_case<GroupCase<M, In, Ops...>>(name + "/forward", batch, work, [](auto& group) { group.forward(); });
}

/// Backward of a group that has nothing to train, or of which both gradients are wanted.
template <class In, class... Ops>
void add_backward(const std::string& name, int batch, Work work) {
  using Case = GroupCase<strata::Mode::training, In, Ops...>;
  add_case<Case>(name + "/backward", batch, work, [](auto& group) { group.template backward<true>(); });
}

/// Backward of a producer: the gradient of its parameters by itself, that of its input as the difference to both.
template <class In, class... Ops>
void add_gradients(const std::string& name, int batch, Work work, bool input = true) {
  using Case = GroupCase<strata::Mode::training, In, Ops...>;
  add_case<Case>(name + "/weight_gradient", batch, work, [](auto& group) { group.template backward<false>(); });
  if (!input) return;
  benchmark::RegisterBenchmark((name + "/input_gradient").c_str(), [=](benchmark::State& state) {
    Case group(*machine.pool, batch);
    group.forward();
    double total = 0;
    for (auto _ : state) {
      const double begin = detail::seconds();
      group.template backward<true>();
      const double middle = detail::seconds();
      group.template backward<false>();
      const double time = std::max(1e-9, 2 * middle - begin - detail::seconds());
      state.SetIterationTime(time);
      total += time;
    }
    count(state, work, total);
  })->UseManualTime();
}

void add_convolutions();
void add_dense();
void add_passes();
void add_optimizers();

}  // namespace bench
