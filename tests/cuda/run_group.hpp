// Uses all kernels of a group, for the .cu files that tools/check_cuda compiles.
#pragma once

#include <strata/cuda/backend.cuh>

template <strata::Mode M, class In, class... Ops>
void run_group(const strata::cuda::GroupArgs& a) {
  using G = strata::GroupSpec<strata::Cuda<>, M, In, Ops...>;
  using Kernel = typename strata::cuda::kernel_of<G>::type;
  static_assert(strata::Cuda<>::requirements<G>().per_thread == 0);
  Kernel::template forward<G>(a);
  if constexpr (M == strata::Mode::training) Kernel::template backward<G, true>(a);
}

/// A training step.
template <class In, class... Ops>
void train_group(const strata::cuda::GroupArgs& a) {
  run_group<strata::Mode::training, In, Ops...>(a);
}
