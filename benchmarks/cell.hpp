// One cell of the table: the command line that every program of models shares, how a cell is timed, and the JSON line
// it prints. Plain C++17, so that peers whose headers are older can include it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace bench {

/// What is to be measured.
struct Cell {
  std::string model = "R1";    ///< a row of the reference models: R1, R2, R5, R6 or R13
  std::string work = "train";  ///< train, predict, layers (the convolutions of R13 one by one), first or save
  int batch = 32;              ///< samples of a step
  int threads = 1;
  double seconds = 2;   ///< of measuring, after the warm-up
  std::string weights;  ///< the file that `save` writes and `first` reads
};

inline double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

[[noreturn]] inline void usage(const char* program, const char* wrong) {
  std::fprintf(
      stderr,
      "%s: %s\n\n"
      "%s --model R1|R2|R5|R6|R13 --work train|predict|layers|first|save --batch N --threads N --seconds S\n"
      "   [--weights FILE]\n\n"
      "Measures one cell and prints it as a line of JSON. first reads R1's weights from FILE, predicts once and\n"
      "ends; save writes that file; layers times the distinct convolutions of R13.\n",
      program, wrong, program);
  std::exit(2);
}

/// The cell that the command line asks for. Ends the program where it is wrong.
inline Cell parse(int argc, char** argv) {
  Cell cell;
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    if (i + 1 == argc) usage(argv[0], (name == "--help" ? "help" : name + " has no value").c_str());
    const char* value = argv[i + 1];
    if (name == "--model")
      cell.model = value;
    else if (name == "--work")
      cell.work = value;
    else if (name == "--batch")
      cell.batch = std::atoi(value);
    else if (name == "--threads")
      cell.threads = std::atoi(value);
    else if (name == "--seconds")
      cell.seconds = std::atof(value);
    else if (name == "--weights")
      cell.weights = value;
    else
      usage(argv[0], ("there is no " + name).c_str());
  }
  if (cell.batch < 1 || cell.threads < 1 || !(cell.seconds > 0))
    usage(argv[0], "batch, threads and seconds must be above 0");
  if ((cell.work == "first" || cell.work == "save") && cell.weights.empty()) usage(argv[0], "--weights is missing");
  return cell;
}

/// Times of a step, in seconds.
struct Times {
  double median = 0;        ///< over windows of about a tenth of the time given
  double best = 0;          ///< the shortest window: what a quiet machine would show
  std::int64_t rounds = 0;  ///< steps that were timed
};

inline double median(std::vector<double> x) {
  const auto middle = x.begin() + static_cast<std::ptrdiff_t>(x.size() / 2);
  std::nth_element(x.begin(), middle, x.end());
  return *middle;
}

/// Runs `step` for about `seconds`, after a warm-up, and at least three times.
template <class Step>
Times measure(double seconds, Step step) {
  step();
  int warm = 0;
  const double start = now();
  while (warm < 2 || now() - start < seconds / 10) step(), ++warm;
  const double estimate = (now() - start) / warm;
  const auto steps = std::max<std::int64_t>(1, static_cast<std::int64_t>(seconds / 10 / estimate));
  std::vector<double> windows;
  Times times;
  for (const double begin = now(); windows.size() < 3 || now() - begin < seconds;) {
    const double window = now();
    for (std::int64_t i = 0; i < steps; ++i) step();
    windows.push_back((now() - window) / static_cast<double>(steps));
    times.rounds += steps;
  }
  times.median = median(windows);
  times.best = *std::min_element(windows.begin(), windows.end());
  return times;
}

/// Prints the cell. `mode` says in which of its modes the program ran; `layer` which layer it was, `count` how often
/// the network has it.
inline void report(const char* who, const Cell& cell, const Times& times, const std::string& mode = {},
                   const std::string& layer = {}, int count = 1) {
  std::printf("{\"who\":\"%s\",\"model\":\"%s\",\"work\":\"%s\",\"batch\":%d,\"threads\":%d", who, cell.model.c_str(),
              cell.work.c_str(), cell.batch, cell.threads);
  std::printf(",\"images_per_second\":%.6g,\"us_per_batch\":%.6g,\"best_us_per_batch\":%.6g,\"rounds\":%lld",
              cell.batch / times.median, times.median * 1e6, times.best * 1e6, static_cast<long long>(times.rounds));
  if (!mode.empty()) std::printf(",\"mode\":\"%s\"", mode.c_str());
  if (!layer.empty()) std::printf(",\"layer\":\"%s\",\"count\":%d", layer.c_str(), count);
  std::printf("}\n");
  std::fflush(stdout);
}

/// The largest memory this process had resident so far, in kilobytes; 0 where the system does not say.
inline long resident_kilobytes() {
  long kilobytes = 0;
  if (std::FILE* const status = std::fopen("/proc/self/status", "r")) {
    char line[256];
    while (std::fgets(line, sizeof line, status))
      if (std::sscanf(line, "VmHWM: %ld", &kilobytes) == 1) break;
    std::fclose(status);
  }
  return kilobytes;
}

/// Prints that the first prediction is done. The time is taken by who started the process, when this line arrives.
inline void report_first(const char* who, float probability) {
  std::printf("{\"who\":\"%s\",\"model\":\"R1\",\"work\":\"first\",\"probability\":%.6g,\"resident_kb\":%ld}\n", who,
              static_cast<double>(probability), resident_kilobytes());
  std::fflush(stdout);
}

}  // namespace bench
