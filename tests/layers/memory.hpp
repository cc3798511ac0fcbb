// Memory that tests give kernels of the CPU and of the simulated GPU. (gpu/stand_ins/ has that of a real one.)
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace layer_test {

struct Release {
  void operator()(void* memory) const { ::operator delete (memory, std::align_val_t{64}); }
};
using Memory = std::unique_ptr<void, Release>;

/// So many bytes, from a multiple of 64 on.
inline Memory allocate(std::size_t bytes) { return Memory(::operator new (bytes, std::align_val_t{64})); }

}  // namespace layer_test
