// Version and the few macros of strata.
#pragma once

#include <cstddef>

/// Version of the library, for the preprocessor: major * 10000 + minor * 100 + patch.
#define STRATA_VERSION 100

/// Marks a function that runs on the CPU and, when nvcc compiles, on the GPU as well.
#if defined(__CUDACC__)
#define STRATA_HD __host__ __device__
#else
#define STRATA_HD
#endif

/// A function of a kernel's inner loop: its speed depends on being part of its caller. It works on lambdas too.
#define STRATA_INLINE __attribute__((always_inline))

/// In front of a loop: keep it a loop. Compilers otherwise unroll reductions whose body is already as wide as the
/// register file, and spill.
#if defined(__CUDA_ARCH__)
#define STRATA_NOUNROLL _Pragma("unroll 1")
#elif defined(__CUDACC__)
#define STRATA_NOUNROLL
#elif defined(__clang__)
#define STRATA_NOUNROLL _Pragma("clang loop unroll(disable)")
#elif defined(__GNUC__)
#define STRATA_NOUNROLL _Pragma("GCC unroll 1")
#else
#define STRATA_NOUNROLL
#endif

/// In front of a loop of at most ten steps, known when it is compiled: write all of them out.
#if defined(__CUDA_ARCH__)
#define STRATA_UNROLL _Pragma("unroll")
#elif defined(__CUDACC__)
#define STRATA_UNROLL
#else
#define STRATA_UNROLL _Pragma("GCC unroll 10")
#endif

namespace strata {

inline namespace literals {

/// Sizes of memory in static_asserts: `Net::training_bytes(128, Adam{}) < 64_MiB`.
consteval std::size_t operator""_KiB(unsigned long long n) { return static_cast<std::size_t>(n) << 10; }
consteval std::size_t operator""_MiB(unsigned long long n) { return static_cast<std::size_t>(n) << 20; }
consteval std::size_t operator""_GiB(unsigned long long n) { return static_cast<std::size_t>(n) << 30; }

}  // namespace literals
}  // namespace strata
