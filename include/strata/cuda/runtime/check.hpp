// What a failed call of CUDA's run time becomes: an Error.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/text.hpp>
#include <strata/cuda/runtime/calls.hpp>

#include <string_view>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// Throws Error, with the call's name, what it was for and CUDA's text, where a call failed:
///
///     check(calls::cudaFree(memory), "cudaFree", "the workspace");
///
/// Work that was queued earlier reports its errors here as well.
inline void check(calls::cudaError_t status, std::string_view call, std::string_view purpose) {
  if (status == calls::cudaSuccess) return;
  static_cast<void>(calls::cudaGetLastError());  // or the next call that looks would be blamed for it
  throw Error(joined({"CUDA: ", call, " for ", purpose, ": ", calls::cudaGetErrorString(status), " (error ",
                      static_cast<int>(status), ")"}));
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
