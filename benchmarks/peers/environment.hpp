// What a peer needs around it to be at its best, and what environments preset that would slow it down.
#pragma once

#include <malloc.h>
#include <unistd.h>

#include <cstdlib>

namespace bench {

/// To be called first in main. Starts the program again without the variables that pin OpenBLAS to an older processor
/// (it reads them before main), and makes malloc keep large tensors' pages from step to step.
inline void be_at_your_best(char** argv) {
  bool again = false;
  for (const char* name : {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"})
    if (std::getenv(name)) {
      unsetenv(name);
      again = true;
    }
  if (again) execv("/proc/self/exe", argv);
  constexpr int large = 1 << 30;
  mallopt(M_MMAP_THRESHOLD, large);
  mallopt(M_TRIM_THRESHOLD, large);
  mallopt(M_TOP_PAD, 64 << 20);
}

}  // namespace bench
