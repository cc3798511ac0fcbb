// What a person sees of a training run: a bar in a terminal, a line for each epoch elsewhere.
#pragma once

#include <strata/train/history.hpp>

#include <cstdint>
#include <cstdio>
#include <ctime>

#if defined(__unix__) || defined(__APPLE__)
#include <unistd.h>
#endif

namespace strata {

/// How a run shows itself.
enum class Progress {
  automatic,  ///< a bar where standard output is a terminal, else lines
  bar,        ///< a bar that is drawn over itself
  lines,      ///< a line for each epoch
  silent
};

namespace detail {

/// Seconds of a clock that is never set back (<chrono> costs compilers much for what is a subtraction).
inline double seconds_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Prints a run's progress on standard output.
class ProgressPrinter {
 public:
  ProgressPrinter(Progress progress, std::int64_t epochs, std::int64_t steps) : epochs_(epochs), steps_(steps) {
    mode_ = progress;
    if (progress == Progress::automatic) {
#if defined(__unix__) || defined(__APPLE__)
      mode_ = isatty(STDOUT_FILENO) ? Progress::bar : Progress::lines;
#else
      mode_ = Progress::lines;
#endif
    }
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
    constexpr int width = 24;
    char bar[width + 1];
    const auto full = static_cast<int>(step * width / (steps_ > 0 ? steps_ : 1));
    for (int i = 0; i < width; ++i) bar[i] = i < full ? '=' : i == full ? '>' : ' ';
    bar[width] = 0;
    const double left = images_per_second > 0 ? static_cast<double>(samples_left(epoch, step)) / images_per_second : 0;
    const auto minutes = static_cast<long long>(left) / 60, seconds = static_cast<long long>(left) % 60;
    std::printf(
        "\repoch %lld/%lld [%s] step %lld/%lld  loss %.4f  accuracy %.4f  %.0f images/s  %lld:%02lld left \033[K",
        static_cast<long long>(epoch), static_cast<long long>(epochs_), bar, static_cast<long long>(step),
        static_cast<long long>(steps_), loss, accuracy, images_per_second, minutes, seconds);
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
