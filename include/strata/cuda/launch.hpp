// Launching a kernel: by a function, since the triple brackets are no C++.
#pragma once

#include <strata/cuda/machine.hpp>
#include <strata/cuda/runtime/check.hpp>

#include <string>
#include <string_view>
#include <type_traits>

namespace strata::cuda {
inline namespace STRATA_SIDE {

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

/// Runs `Kernel` on the threads that `how` says, in the order of the stream. The kernel's name is in every error:
///
///     launch<fill<Spec>>({.grid = {blocks}, .block = {Spec::threads}, .stream = stream}, values, count);
template <auto Kernel, class... Arguments>
void launch(const Launch& how, Arguments... arguments) {
  static_assert((std::is_trivially_copyable_v<Arguments> && ...), "a launch keeps copies of its arguments' bytes");
  const char* const name = __PRETTY_FUNCTION__;
#if defined(__CUDACC__)
  const auto checked = [&](cudaError_t status, const char* call) {
    if (status != cudaSuccess) check(status, call, "the kernel " + detail::kernel_name(name));
  };
  if (how.shared_bytes > 48 * 1024)  // more than every GPU gives unasked
    checked(
        cudaFuncSetAttribute(Kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(how.shared_bytes)),
        "cudaFuncSetAttribute");
  const auto dimensions = [](const Extent& e) { return dim3(e.x, e.y, e.z); };
  Kernel<<<dimensions(how.grid), dimensions(how.block), how.shared_bytes, how.stream>>>(arguments...);
  checked(cudaGetLastError(), "launching");
#else
  const std::string kernel = detail::kernel_name(name);
  const auto body = [=] { Kernel(arguments...); };
  machine::launch(
      {kernel.c_str(), how.grid, how.block, how.shared_bytes}, how.stream,
      [](const void* data) { (*static_cast<const decltype(body)*>(data))(); }, &body, sizeof body);
#endif
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
