// GlobalMaxPool on the CPU: max_pool's kernels with one window.
#pragma once

#include <strata/layers/global_max_pool/global_max_pool.hpp>
#include <strata/layers/max_pool/cpu.hpp>

#include <cstdint>

namespace strata::cpu {
inline namespace STRATA_ISA {

template <>
struct kernel<GlobalMaxPool> : maximum_kernel<GlobalMaxPool, std::int32_t> {};

}  // namespace STRATA_ISA
}  // namespace strata::cpu
