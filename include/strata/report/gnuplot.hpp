// gnuplot as a child process: a script in, a picture out.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/text.hpp>

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace strata {

namespace detail {

/// A file without a name that is gone when it is closed. Pipes would have to be written and read at once, and end a
/// program whose child is gone.
class UnnamedFile {
 public:
  [[gnu::cold]] UnnamedFile() : file_(std::tmpfile()) {
    if (!file_) throw Error(joined({"gnuplot: cannot create a temporary file: ", std::strerror(errno)}));
  }
  UnnamedFile(const UnnamedFile&) = delete;
  UnnamedFile& operator=(const UnnamedFile&) = delete;
  ~UnnamedFile() { std::fclose(file_); }

  int descriptor() const { return fileno(file_); }

  [[gnu::cold]] void write(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), file_) != text.size() || std::fflush(file_) != 0)
      throw Error(joined({"gnuplot: cannot write a temporary file: ", std::strerror(errno)}));
    std::rewind(file_);
  }

  [[gnu::cold]] std::string read() {
    std::rewind(file_);
    std::string all;
    char part[4096];
    for (std::size_t n; (n = std::fread(part, 1, sizeof part, file_)) > 0;) all.append(part, n);
    return all;
  }

 private:
  std::FILE* file_;
};

/// Waits for a child; ends it when it takes longer. Returns its exit status, or -1 where it took too long or a signal
/// ended it.
[[gnu::cold]] inline int wait_for(pid_t child, std::chrono::milliseconds limit) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end = Clock::now() + limit;
  int status = 0;
  for (auto pause = std::chrono::microseconds(500);; pause = pause < std::chrono::milliseconds(8) ? pause * 2 : pause) {
    const pid_t done = waitpid(child, &status, WNOHANG);
    if (done == child) return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (done < 0 && errno != EINTR) return -1;
    if (Clock::now() >= end) break;
    std::this_thread::sleep_for(pause);
  }
  kill(child, SIGKILL);
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return -1;
}

/// The words with one blank between them.
[[gnu::cold]] inline std::string on_one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!blank) out += c;
    if (blank && !out.empty() && out.back() != ' ') out += ' ';
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

/// gnuplot's SVG with every pixel of its images a sharp square, which viewers would blur.
[[gnu::cold]] inline std::string with_sharp_pixels(std::string svg) {
  constexpr std::string_view image = "<image ",
                             style = "style='image-rendering:optimizeSpeed;image-rendering:pixelated' ";
  for (std::size_t at = 0; (at = svg.find(image, at)) != std::string::npos;) svg.insert(at += image.size(), style);
  return svg;
}

}  // namespace detail

/// Draws with gnuplot, which is found on $PATH when this is made.
///
///     const Gnuplot gnuplot;
///     if (gnuplot.is_there()) svg = gnuplot.draw("set terminal svg\nplot sin(x)\n");
class Gnuplot {
 public:
  /// The gnuplot of $PATH.
  [[gnu::cold]] Gnuplot() {
    const char* path = std::getenv("PATH");
    for (std::string_view left = path ? path : ""; !left.empty();) {
      const std::size_t end = std::min(left.find(':'), left.size());
      const std::string candidate = joined({left.substr(0, end), "/gnuplot"});
      if (end > 0 && access(candidate.c_str(), X_OK) == 0) {
        program_ = candidate;
        return;
      }
      left.remove_prefix(std::min(end + 1, left.size()));
    }
  }

  /// That program, with another limit of time for one picture.
  explicit Gnuplot(std::string program, std::chrono::milliseconds limit = std::chrono::seconds(60))
      : program_(std::move(program)), limit_(limit) {}

  /// Whether there is one.
  bool is_there() const { return !program_.empty(); }

  /// One line for people who have none.
  static constexpr const char* missing =
      "no pictures: gnuplot is not installed (Debian, Ubuntu: apt-get install gnuplot-nox; macOS: brew install "
      "gnuplot)";

  /// What the script draws on its standard output. Throws Error, with what gnuplot says, where it fails or draws
  /// nothing, and where it takes longer than a minute.
  [[gnu::cold]] std::string draw(std::string_view script) const {
    detail::UnnamedFile input, output, complaints;
    input.write(script);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input.descriptor(), 0);
    posix_spawn_file_actions_adddup2(&actions, output.descriptor(), 1);
    posix_spawn_file_actions_adddup2(&actions, complaints.descriptor(), 2);
    std::string name = "gnuplot", own_settings = "-d";  // never a person's ~/.gnuplot
    char* const arguments[] = {name.data(), own_settings.data(), nullptr};
    pid_t child = 0;
    const int failed = posix_spawn(&child, program_.c_str(), &actions, nullptr, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) throw Error(joined({"gnuplot: cannot start ", program_, ": ", std::strerror(failed)}));

    const auto begin = std::chrono::steady_clock::now();
    const int status = detail::wait_for(child, limit_);
    const bool is_late = status < 0 && std::chrono::steady_clock::now() - begin >= limit_;
    std::string picture = output.read();
    if (status == 0 && !picture.empty()) return picture;
    const std::string words = detail::on_one_line(complaints.read());
    throw Error(joined({"gnuplot: ",
                        is_late       ? "took too long"
                        : status != 0 ? "failed"
                                      : "drew nothing",
                        words.empty() ? "" : ": ", words}));
  }

 private:
  std::string program_;
  std::chrono::milliseconds limit_ = std::chrono::seconds(60);
};

}  // namespace strata
