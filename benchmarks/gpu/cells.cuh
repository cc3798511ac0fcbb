// What the programs that measure on a GPU share: cells, asked for by name and answered in JSON, a line each.
//
//     PROGRAM --list          a line for each cell: its name, and what it computes and moves at the least
//     PROGRAM                 reads names, a line each; measures each as it comes; ends with its input
//
// So the caller can take turns between this and other programs, and what a cell keeps on the GPU stays there.
// Exit status 77: there is no GPU.
#pragma once

#include <strata/cuda/runtime.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace bench {

/// Work on the GPU that can be done again and again.
struct Work {
  strata::cuda::Stream stream = nullptr;
  std::function<void(int count)> run;   ///< queues the work so many times into the stream
  std::function<void()> begin = [] {};  ///< what comes before, outside the measurement
};

/// Something to measure.
struct Cell {
  std::string name;       ///< "R1 train 32"
  std::string precision;  ///< of its products
  double flops = 0;       ///< of one time
  double bytes = 0;       ///< that one time moves to and from memory, at the least
  int depth = 1;          ///< grid-wide dependencies that no order of the work avoids

  int count = 64;  ///< how often a window runs it

  /// Makes what the work needs, on the GPU; called once, before the first measurement. The stream outlives the work,
  /// which may have one of its own.
  std::function<Work(strata::cuda::Stream)> prepare{};
};

/// Microseconds of one time in each window.
inline std::vector<double> measure(const Work& work, int count, int windows = 5) {
  strata::cuda::Timer timer;
  std::vector<double> us;
  for (int w = -1; w < windows; ++w) {  // the first records graphs, fills caches and wakes the clocks
    work.begin();
    timer.start(work.stream);
    work.run(count);
    timer.stop(work.stream);
    if (w >= 0)
      us.push_back(timer.milliseconds() * 1e3 / count);
    else
      strata::cuda::wait_for(work.stream, "the first window");
  }
  return us;
}

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// Lists the cells, or answers names from the input. For main.
inline int answer(int count, char** words, const std::vector<Cell>& cells) {
  if (count > 1 && std::string(words[1]) == "--list") {
    for (const Cell& c : cells)
      std::printf("{\"cell\": \"%s\", \"precision\": \"%s\", \"flops\": %.0f, \"bytes\": %.0f, \"depth\": %d}\n",
                  c.name.c_str(), c.precision.c_str(), c.flops, c.bytes, c.depth);
    return 0;
  }
  if (count > 1) {
    std::printf("%s [--list]: measures the cells that its input names\n", words[0]);
    return 2;
  }
  if (std::string why; strata::cuda::device_count(&why) == 0) {
    std::printf("{\"skipped\": \"there is no GPU (%s)\"}\n", why.c_str());
    return 77;
  }
  const strata::cuda::OwnedStream stream;
  std::vector<Work> works(cells.size());
  for (std::string name; std::getline(std::cin, name);) {
    const auto cell = std::find_if(cells.begin(), cells.end(), [&](const Cell& c) { return c.name == name; });
    try {
      if (cell == cells.end()) throw strata::Error("there is no such cell");
      Work& work = works[static_cast<std::size_t>(cell - cells.begin())];
      if (!work.run) work = cell->prepare(stream);
      const std::vector<double> us = measure(work, cell->count);
      std::printf("{\"cell\": \"%s\", \"us\": %.3f, \"windows\": [", name.c_str(), median(us));
      for (std::size_t i = 0; i < us.size(); ++i) std::printf("%s%.3f", i > 0 ? ", " : "", us[i]);
      std::printf("]}\n");
    } catch (const std::exception& e) {
      std::string text = e.what();
      std::replace(text.begin(), text.end(), '"', '\'');
      std::replace(text.begin(), text.end(), '\n', ' ');
      std::printf("{\"cell\": \"%s\", \"error\": \"%s\"}\n", name.c_str(), text.c_str());
    }
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace bench
