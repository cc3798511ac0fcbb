// Launching a kernel: by a function, since the triple brackets are no C++.
#pragma once

#include <strata/core/error.hpp>
#include <strata/cuda/machine.hpp>

#include <string>
#include <string_view>

#if defined(__CUDACC__)
#include <cuda_runtime.h>
#endif

struct CUstream_st;

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// A queue of the device's work: what CUDA calls cudaStream_t.
using Stream = CUstream_st*;

/// How many threads run a kernel, and with what.
struct Launch {
  Extent grid, block;
  std::size_t shared_bytes = 0;  ///< dynamic shared memory of a block
  Stream stream = nullptr;
};

namespace detail {

/// The kernel's name in that of a function of <Kernel, Arguments...>, as compilers print it: "... Kernel = NAME;
/// Arguments = ...", or with a comma.
inline std::string kernel_name(std::string_view function) {
  constexpr std::string_view before = "Kernel = ", behind = " Arguments = ";
  const std::size_t begin = function.find(before) + before.size(), end = function.find(behind, begin);
  return std::string(function.substr(begin, end - 1 - begin));
}

}  // namespace detail

/// Runs `Kernel` on the threads that `how` says. The kernel's name is in every error:
///
///     launch<fill<Spec>>({.grid = {blocks}, .block = {Spec::threads}, .stream = stream}, values, count);
template <auto Kernel, class... Arguments>
void launch(const Launch& how, Arguments... arguments) {
  const char* const name = __PRETTY_FUNCTION__;
#if defined(__CUDACC__)
  const auto check = [&](cudaError_t status) {
    if (status != cudaSuccess)
      throw Error("launching the kernel " + detail::kernel_name(name) + ": " + cudaGetErrorString(status));
  };
  if (how.shared_bytes > 48 * 1024)  // more than every GPU gives unasked
    check(
        cudaFuncSetAttribute(Kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(how.shared_bytes)));
  const auto dimensions = [](const Extent& e) { return dim3(e.x, e.y, e.z); };
  Kernel<<<dimensions(how.grid), dimensions(how.block), how.shared_bytes, how.stream>>>(arguments...);
  check(cudaGetLastError());
#else
  const std::string kernel = detail::kernel_name(name);
  const auto body = [&] { Kernel(arguments...); };
  machine::run(
      {kernel.c_str(), how.grid, how.block, how.shared_bytes},
      [](const void* data) { (*static_cast<const decltype(body)*>(data))(); }, &body);
#endif
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
