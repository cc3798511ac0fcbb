// The names of the backends, so that a plan can speak of one without seeing its kernels.
#pragma once

namespace strata {

/// Instruction sets of the CPU engine. The compiler's flags choose it (`-march=native`); it is part of the backend's
/// type, so that two files compiled with different flags do not share kernels.
enum class Isa { generic, neon, avx2, avx512 };

/// The instruction set this file is compiled for.
#if defined(__AVX512F__) && defined(__AVX512DQ__) && defined(__AVX512BW__) && defined(__AVX512VL__)
inline constexpr Isa native_isa = Isa::avx512;
#elif defined(__AVX2__) && defined(__FMA__)
inline constexpr Isa native_isa = Isa::avx2;
#elif defined(__ARM_NEON)
inline constexpr Isa native_isa = Isa::neon;
#else
inline constexpr Isa native_isa = Isa::generic;
#endif

/// How the CPU engine computes convolutions of 3 x 3 pixels with stride 1. Winograd's minimal filtering (Winograd 1980;
/// Lavin and Gray 2016) needs 2.25 or 4 times fewer multiplications and rounds a little differently.
enum class Convolution {
  automatic,   ///< direct, or Winograd's if it is faster; in training only for kernels of more than 131,072 weights or
               ///< images of more than 4,096 output pixels
  direct,      ///< sums over all taps, always
  winograd_2,  ///< F(2 x 2, 3 x 3) wherever it fits, in training too
  winograd_4   ///< F(4 x 4, 3 x 3) likewise
};

/// The CPU backend: 32-bit floats, all cores, no dependency. See cpu/backend.hpp.
template <Convolution C = Convolution::automatic, Isa I = native_isa>
struct Cpu;

}  // namespace strata
