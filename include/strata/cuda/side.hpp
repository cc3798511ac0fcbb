// Which side compiles a kernel: nvcc for a GPU, or another compiler for a machine that simulates one.
#pragma once

#include <strata/core/config.hpp>

/// Marks a function that kernels call. nvcc makes it a device function, other compilers a function of the CPU.
#if defined(__CUDACC__)
#define STRATA_DEVICE __device__ __forceinline__
#else
#define STRATA_DEVICE STRATA_INLINE inline
#endif

/// The inline namespace of everything that differs between the two sides, so that one program may hold both.
#if defined(__CUDACC__)
#define STRATA_SIDE device
#else
#define STRATA_SIDE simulated
#endif

/// The default of a parameter of type Site: the line of the call. (The builtins name the caller only where they stand
/// in the default argument itself.)
#if defined(__CUDACC__)
#define STRATA_HERE \
  {}
#else
#define STRATA_HERE \
  { __builtin_FILE(), __builtin_LINE() }
#endif

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// Where in a kernel's text a primitive stands, for messages. A device knows no messages, and carries nothing.
struct Site {
#if !defined(__CUDACC__)
  const char* file = "";
  int line = 0;

  friend constexpr bool operator==(const Site& a, const Site& b) { return a.file == b.file && a.line == b.line; }
#endif
};

/// A place in a grid or in a block.
struct Index {
  unsigned x = 0, y = 0, z = 0;
};

/// The size of a grid or of a block.
struct Extent {
  unsigned x = 1, y = 1, z = 1;

  STRATA_HD constexpr std::size_t count() const { return std::size_t{x} * y * z; }
};

/// Threads of a warp, and the set of all of them.
inline constexpr unsigned warp_size = 32, all_lanes = 0xffffffffu;

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
