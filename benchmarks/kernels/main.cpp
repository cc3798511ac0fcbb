// kernels: the engine's kernels one by one, with GFLOP/s and the share of the FMA peak, or GB/s and the share of the
// bandwidth. All options of Google Benchmark, and --threads=N; --limits prints the limits alone, as a line of JSON.
#include "register.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>

int main(int argc, char** argv) {
  int threads = 1, kept = 1;
  bool limits_alone = false;
  for (int i = 1; i < argc; ++i) {
    if (std::strncmp(argv[i], "--threads=", 10) == 0)
      threads = std::max(1, std::atoi(argv[i] + 10));
    else if (std::strcmp(argv[i], "--limits") == 0)
      limits_alone = true;
    else
      argv[kept++] = argv[i];
  }
  argc = kept;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;

  strata::cpu::Pool pool(threads);
  bench::machine = {&pool, bench::measure_limits(pool)};
  const bench::Limits& limits = bench::machine.limits;
  if (limits_alone) {
    std::printf(
        "{\"who\":\"machine\",\"work\":\"limits\",\"threads\":%d,\"gflops\":%.4g,\"cache_gbytes\":%.4g,"
        "\"memory_gbytes\":%.4g}\n",
        threads, limits.gflops, limits.cache_gbytes, limits.memory_gbytes);
    return 0;
  }
  char text[32];
  auto context = [&](const char* name, double value) {
    std::snprintf(text, sizeof text, "%.4g", value);
    benchmark::AddCustomContext(name, text);
  };
  context("threads", threads);
  context("peak GFLOP/s", limits.gflops);
  context("cache GB/s", limits.cache_gbytes);
  context("memory GB/s", limits.memory_gbytes);

  bench::add_convolutions();
  bench::add_dense();
  bench::add_passes();
  bench::add_optimizers();
  benchmark::RunSpecifiedBenchmarks();
}
