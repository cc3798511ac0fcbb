// What a person sees of a training run: a bar in a terminal, a line for each epoch elsewhere.
#pragma once

#include <strata/train/history.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <string>
#include <string_view>

#if defined(__unix__) || defined(__APPLE__)
#include <sys/ioctl.h>
#include <unistd.h>
#endif

namespace strata {

/// How a run shows itself.
enum class Progress {
  automatic,  ///< a bar where standard output is a terminal, else lines
  bar,        ///< a bar that is drawn over itself
  lines,      ///< a line for each epoch
  silent      ///< nothing
};

namespace detail {

/// Seconds of a clock that is never set back (<chrono> costs compilers much for what is a subtraction).
inline double seconds_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Whether standard output is a terminal.
inline bool prints_to_terminal() {
#if defined(__unix__) || defined(__APPLE__)
  return isatty(STDOUT_FILENO) != 0;
#else
  return false;
#endif
}

/// Characters in a line of that terminal; 80 where it does not say.
inline int terminal_columns() {
#if defined(__unix__) || defined(__APPLE__)
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
#endif
  return 80;
}

/// Where a run stands.
struct Standing {
  std::int64_t epoch, epochs, step, steps;
  double loss, accuracy, images_per_second, seconds_left;
};

/// The line that is drawn over itself, of at most `columns` characters: a longer one would wrap, and each redraw would
/// leave a line behind. Where there is little room the speed goes first, then the bar, then the end of the line.
[[gnu::cold]] inline std::string progress_line(const Standing& s, int columns) {
  char head[64], figures[128], speed[64], left[64];
  const auto whole = [](auto x) { return static_cast<long long>(x); };
  std::snprintf(head, sizeof head, "epoch %lld/%lld ", whole(s.epoch), whole(s.epochs));
  std::snprintf(figures, sizeof figures, "step %lld/%lld  loss %.4f  accuracy %.4f", whole(s.step), whole(s.steps),
                s.loss, s.accuracy);
  std::snprintf(speed, sizeof speed, "  %.0f images/s", s.images_per_second);
  std::snprintf(left, sizeof left, "  %lld:%02lld left", whole(s.seconds_left) / 60, whole(s.seconds_left) % 60);
  constexpr std::int64_t least = 8, most = 24, brackets = 3;
  std::string line = head, rest = figures;
  const auto room = [&] { return columns - static_cast<std::int64_t>(line.size() + rest.size()) - brackets; };
  if (room() - static_cast<std::int64_t>(std::string_view(speed).size() + std::string_view(left).size()) >= least)
    rest += speed;
  rest += left;
  if (const std::int64_t width = std::min(most, room()); width >= least) {
    const std::int64_t full = s.step * width / (s.steps > 0 ? s.steps : 1);
    line += '[';
    for (std::int64_t i = 0; i < width; ++i) line += i < full ? '=' : i == full ? '>' : ' ';
    line += "] ";
  }
  line += rest;
  return line.substr(0, static_cast<std::size_t>(columns));
}

/// Prints a run's progress on standard output.
class ProgressPrinter {
 public:
  ProgressPrinter(Progress progress, std::int64_t epochs, std::int64_t steps) : epochs_(epochs), steps_(steps) {
    mode_ = progress;
    if (progress == Progress::automatic) mode_ = prints_to_terminal() ? Progress::bar : Progress::lines;
  }

  ~ProgressPrinter() {
    if (drawn_) std::fputc('\n', stdout);  // a run that throws leaves its bar behind
  }

  ProgressPrinter(const ProgressPrinter&) = delete;
  ProgressPrinter& operator=(const ProgressPrinter&) = delete;

  /// After a step. Draws at most ten times a second.
  void step(std::int64_t epoch, std::int64_t step, double loss, double accuracy, double images_per_second) {
    if (mode_ != Progress::bar) return;
    const double now = seconds_now();
    if ((drawn_ || step < steps_) && now - last_ < 0.1) return;
    last_ = now;
    drawn_ = true;
    const double left = images_per_second > 0 ? static_cast<double>(samples_left(epoch, step)) / images_per_second : 0;
    // The last column stays free: some terminals wrap as soon as it is written.
    const std::string line =
        progress_line({epoch, epochs_, step, steps_, loss, accuracy, images_per_second, left}, terminal_columns() - 1);
    std::printf("\r%s\033[K", line.c_str());
    std::fflush(stdout);
  }

  /// A line by itself.
  void note(const std::string& line) {
    if (mode_ != Progress::silent && !line.empty()) std::printf("%s\n", line.c_str());
  }

  /// What frozen layers make of the samples, before the first step.
  void features(std::int64_t done, std::int64_t all) {
    if (mode_ != Progress::bar) return;
    const double now = seconds_now();
    if (done < all && now - last_ < 0.1) return;
    last_ = now;
    drawn_ = true;
    std::printf("\rfeatures of %lld/%lld samples\033[K", static_cast<long long>(done), static_cast<long long>(all));
    std::fflush(stdout);
  }

  /// After an epoch.
  void epoch(const EpochRecord& e) {
    if (mode_ == Progress::silent) return;
    if (drawn_) std::printf("\r\033[K");
    drawn_ = false;
    std::printf("epoch %lld/%lld  loss %.4f  accuracy %.4f", static_cast<long long>(e.epoch),
                static_cast<long long>(epochs_), e.loss, e.accuracy);
    if (e.validation_loss)
      std::printf("  validation loss %.4f  accuracy %.4f", *e.validation_loss, *e.validation_accuracy);
    std::printf("  %.1f s  %.0f images/s%s\n", e.seconds, e.images_per_second, e.complete ? "" : "  stopped");
    std::fflush(stdout);
  }

  /// Samples of a step, for the time left.
  void set_batch(std::int64_t batch) { batch_ = batch; }

 private:
  std::int64_t samples_left(std::int64_t epoch, std::int64_t step) const {
    return ((epochs_ - epoch) * steps_ + steps_ - step) * batch_;
  }

  Progress mode_;
  std::int64_t epochs_, steps_, batch_ = 1;
  bool drawn_ = false;
  double last_ = 0;  // seconds
};

}  // namespace detail
}  // namespace strata
