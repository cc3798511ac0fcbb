// A place in a kernel's text.
#pragma once

#include <strata/cuda/side.hpp>

#include <cstdint>
#include <string>

namespace simt {

using strata::cuda::Site;

/// Where an access comes from, in one word: a plain load or store is known by its address in the program, a primitive
/// by its line, which then stands in the upper 16 bits above the file's name.
class Where {
 public:
  Where() = default;
  Where(const void* code) : packed_(reinterpret_cast<std::uintptr_t>(code)) {}
  Where(const Site& site)
      : packed_(reinterpret_cast<std::uintptr_t>(site.file) | static_cast<std::uintptr_t>(site.line) << 48) {}

  std::uintptr_t key() const { return packed_; }

 private:
  std::uintptr_t packed_ = 0;
};

/// "optimize.cuh:57". For an address in the program it asks addr2line, and says "code +0x..." where that knows nothing.
std::string text(const Where&);

}  // namespace simt
