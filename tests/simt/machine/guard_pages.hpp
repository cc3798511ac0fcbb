// What happens when a kernel's thread runs over its stack.
#pragma once

namespace simt {

/// While it lives, a fiber that runs over its stack ends the program with a message that says so. AddressSanitizer has
/// its own, and keeps it.
class GuardPages {
 public:
  GuardPages();
  ~GuardPages();
  GuardPages(const GuardPages&) = delete;
  GuardPages& operator=(const GuardPages&) = delete;
};

}  // namespace simt
