// GlobalAvgPool on the CPU: avg_pool's kernels with one window.
#pragma once

#include <strata/layers/avg_pool/cpu.hpp>
#include <strata/layers/global_avg_pool/global_avg_pool.hpp>

namespace strata::cpu {
inline namespace STRATA_ISA {

template <>
struct kernel<GlobalAvgPool> : average_kernel<GlobalAvgPool> {};

}  // namespace STRATA_ISA
}  // namespace strata::cpu
