// Whether there is a GPU that runs this program's kernels.
#pragma once

#include <strata/cuda/launch.hpp>
#include <strata/cuda/primitives.hpp>
#include <strata/cuda/runtime.hpp>

#include <string>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// What looking for a GPU found.
struct Availability {
  std::string why_not;  ///< empty where the GPU runs this program's kernels
  Device device{};      ///< the GPU, where there is one

  explicit operator bool() const { return why_not.empty(); }
};

/// The policy: one thread.
struct ProbeSpec {
  static constexpr unsigned threads = 1;
};

/// Does nothing. That it runs shows that the driver, the GPU and the program's architecture suit one another.
template <class S>
__global__ void __launch_bounds__(S::threads) probe_kernel() {}

/// Looks for a GPU, and runs a kernel on it. Throws nothing.
inline Availability look_for_device() {
  Availability found;
  std::string why;
  if (device_count(&why) == 0) {
    found.why_not = joined({"no GPU is found", why.empty() ? "" : ": ", why});
    return found;
  }
  try {
    found.device = current_device();
    const std::string name = joined({found.device.name, " (sm_", found.device.major, found.device.minor, ")"});
    if (found.device.major < 8) {
      found.why_not = joined({name, " is too old: sm_80 or later is needed"});
      return found;
    }
    try {
      const OwnedStream stream;
      launch<probe_kernel<ProbeSpec>>({.grid = {1}, .block = {ProbeSpec::threads}, .stream = stream});
      wait_for(stream, "the first kernel");
    } catch (const Error& e) {
      found.why_not = joined({"kernels do not run on ", name, "; was the program compiled for sm_", found.device.major,
                              found.device.minor, "? ", e.what()});
    }
  } catch (const Error& e) {
    found.why_not = e.what();
  }
  return found;
}

/// Throws Error, with the reason, where there is no GPU that works.
inline void require_device() {
  if (const Availability found = look_for_device(); !found)
    throw Error(joined({"CUDA does not work here: ", found.why_not,
                        ". Without a GPU take the CPU: Model<Net>, or --backend cpu where a program offers it"}));
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
