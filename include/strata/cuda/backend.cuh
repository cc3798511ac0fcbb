// The CUDA backend as the plan sees it: what fuses, and how many bytes a group's kernels want.
#pragma once

#include <strata/cuda/kernel.hpp>
#include <strata/cuda/passes.cuh>
#include <strata/cuda/precision.hpp>
#include <strata/plan/group.hpp>

namespace strata {

/// The CUDA backend: products in precision P (Tf32, Fp32), everything else in 32-bit floats.
template <Precision P = Tf32>
struct Cuda {
  using precision = P;

  /// Elementwise layers and a reduction join whatever came before them.
  static constexpr bool fuses(Role /*head*/, Role /*next*/) { return true; }

  /// Whether a layer can run here in a mode.
  template <class L>
  static constexpr bool has_kernel(Mode mode) {
    return cuda::has_kernel<L>(mode);
  }

  /// Bytes that the kernels of a group want besides the values of the plan.
  template <class Group>
  static constexpr Requirements requirements() {
    return cuda::requirements<Group>();
  }
};

}  // namespace strata
