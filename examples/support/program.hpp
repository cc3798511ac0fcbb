// What surrounds an example: exit statuses, and exceptions as messages.
#pragma once

#include "command_line.hpp"

#include <strata/core/error.hpp>
#include <strata/core/file.hpp>

#include <cerrno>
#include <cstdio>
#include <exception>
#include <new>
#include <string>

namespace example {

/// Exit statuses. A run that Ctrl-C stopped did all but the training that was left.
enum Status { done = 0, failed = 1, wrong_usage = 2, interrupted = 130 };

/// Throws where a file could not be written: better now than when there is something to lose.
[[gnu::cold]] inline void check_writable(const std::string& path) {
  if (path.empty()) return;
  strata::FileWriter{path};
  errno = 0;
  if (std::FILE* const there = std::fopen(path.c_str(), "r+b")) std::fclose(there);
  if (errno == EISDIR) throw strata::Error(path + ": this is a folder; name a file");
}

/// Runs `body()`, which returns an exit status, and turns exceptions into messages of the program `name` and statuses.
template <class Body>
int guarded(const std::string& name, Body body) {
  try {
    return body();
  } catch (const UsageError& e) {
    std::fprintf(stderr, "%s: %s\n", name.c_str(), e.what());
    return wrong_usage;
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "%s: there is not enough memory; try a smaller --batch\n", name.c_str());
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s: %s\n", name.c_str(), e.what());
  }
  return failed;
}

}  // namespace example
