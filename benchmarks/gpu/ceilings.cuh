// What the programs share that measure a GPU's ceilings.
#pragma once

#include "cells.cuh"

#include <algorithm>
#include <cstdio>
#include <initializer_list>
#include <string>

namespace bench {

inline void print(const char* name, double value, const char* unit) {
  std::printf("{\"ceiling\": \"%s\", \"value\": %.6g, \"unit\": \"%s\"}\n", name, value, unit);
  std::fflush(stdout);
}

/// The median seconds of one time of `run(count)`.
template <class Run>
double seconds(strata::cuda::Stream stream, int count, Run run) {
  return median(measure({.stream = stream, .run = run}, count, 7)) * 1e-6;
}

/// Runs all; one that fails stops no other. For main: exit status 77 where there is no GPU.
inline int measure_ceilings(std::initializer_list<void (*)(strata::cuda::Stream)> ceilings) {
  std::string why;
  if (strata::cuda::device_count(&why) == 0) {
    std::printf("{\"skipped\": \"there is no GPU (%s)\"}\n", why.c_str());
    return 77;
  }
  const strata::cuda::Device device = strata::cuda::current_device();
  std::printf("{\"device\": \"%s\", \"architecture\": \"sm_%d%d\", \"multiprocessors\": %d, \"memory\": %zu}\n",
              device.name.c_str(), device.major, device.minor, device.multiprocessors, device.memory);
  const strata::cuda::OwnedStream stream;
  int failed = 0;
  for (const auto ceiling : ceilings) try {
      ceiling(stream);
    } catch (const std::exception& e) {
      std::string text = e.what();
      std::replace(text.begin(), text.end(), '"', '\'');
      std::printf("{\"error\": \"%s\"}\n", text.c_str());
      ++failed;
    }
  return failed > 0;
}

}  // namespace bench
