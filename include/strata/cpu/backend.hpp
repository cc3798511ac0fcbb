// The CPU backend as the plan sees it: what fuses, and how many bytes a group's kernels want.
#pragma once

#include <strata/cpu/samples.hpp>
#include <strata/plan/group.hpp>

namespace strata {

/// The CPU backend: 32-bit floats in the vectors of instruction set I, threads from a pool of its own.
template <Convolution C, Isa I>
struct Cpu {
  static constexpr Convolution convolution = C;

  static_assert(I == native_isa, "strata: this file is compiled for another instruction set than this Cpu names");

  /// Elementwise layers and a reduction join whatever came before them.
  static constexpr bool fuses(Role /*head*/, Role /*next*/) { return true; }

  /// Whether a layer can run here in a mode.
  template <class L>
  static constexpr bool has_kernel(Mode mode) {
    return cpu::has_kernel<L>(mode);
  }

  /// Bytes that the kernels of a group want besides the values of the plan.
  template <class Group>
  static constexpr Requirements requirements() {
    return cpu::requirements<Group>();
  }
};

}  // namespace strata
