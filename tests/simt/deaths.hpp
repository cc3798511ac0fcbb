// What a process says before it dies of something.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <string>

namespace simt_test {

/// How a child of this process ended that ran something, and what it wrote to standard error.
struct End {
  bool well = false;
  std::string said;
};

template <class Run>
End end_of(const Run& run) {
  int ends[2];
  if (pipe(ends) != 0) return {};
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    run();
    _exit(0);
  }
  close(ends[1]);
  End end;
  char piece[4096];
  for (ssize_t n; (n = read(ends[0], piece, sizeof piece)) > 0;) end.said.append(piece, static_cast<std::size_t>(n));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  end.well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return end;
}

}  // namespace simt_test
