// Which backend a program runs on: the GPU or the CPU, and why.
#pragma once

#include "options.hpp"

#include <strata/strata.hpp>

#include <string>

namespace example {

/// Whether a backend is CUDA's.
template <class Backend>
inline constexpr bool is_on_gpu = false;
#if defined(__CUDACC__)
template <class Precision>
inline constexpr bool is_on_gpu<strata::Cuda<Precision>> = true;
#endif

/// The backend of a run.
struct Choice {
  bool on_gpu = false;
  std::string why;  ///< the GPU's name, or the reason to take the CPU; empty where the CPU was asked for
};

/// What --backend asks for, or, where it leaves that open, the GPU if there is one that works. Throws UsageError where
/// the GPU is asked for and does not work.
[[gnu::cold]] inline Choice choose_backend(const Options& options) {
  if (options.backend == Backend::cpu) return {};
#if defined(__CUDACC__)
  const strata::cuda::Availability found = strata::cuda::look_for_device();
  if (found)
    return {true, joined({found.device.name, ", sm_", found.device.major, found.device.minor, ", ",
                          strata::detail::readable_bytes(found.device.memory)})};
  const std::string why_not = found.why_not;
#else
  const std::string why_not = "this program is compiled without CUDA";
#endif
  if (options.backend == Backend::cuda)
    throw UsageError(joined({"--backend cuda: ", why_not, "; --backend cpu works everywhere"}));
  return {false, why_not};
}

/// "Backend: CPU (avx2, 2 threads), since no GPU is found".
[[gnu::cold]] inline std::string line_about(const Choice& choice, int threads) {
  using strata::Isa;
  if (choice.on_gpu) return joined({"Backend: CUDA (", choice.why, ", tf32)"});
  constexpr Isa isa = strata::native_isa;
  const char* const set = isa == Isa::avx512 ? "avx512"
                          : isa == Isa::avx2 ? "avx2"
                          : isa == Isa::neon ? "neon"
                                             : "generic";
  const std::string text = joined({"Backend: CPU (", set, ", ", threads, threads == 1 ? " thread)" : " threads)"});
  return choice.why.empty() ? text : joined({text, ", since ", choice.why});
}

}  // namespace example
