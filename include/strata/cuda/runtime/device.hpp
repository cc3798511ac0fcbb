// Which GPU there is, and whether something fits its memory.
#pragma once

#include <strata/core/bytes.hpp>
#include <strata/cuda/runtime/check.hpp>

#include <string>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// A GPU.
struct Device {
  std::string name;
  int major = 0, minor = 0;  ///< its architecture: 9 and 0 for sm_90
  int multiprocessors = 0;
  std::size_t memory = 0;        ///< bytes
  std::size_t shared_bytes = 0;  ///< the most shared memory of a block
};

/// How many GPUs this program can use; 0 where there is no driver, or one that does not work, and `why` then says so.
inline int device_count(std::string* why = nullptr) {
  int count = 0, driver = 0;
  const calls::cudaError_t status = calls::cudaGetDeviceCount(&count);
  if (status == calls::cudaSuccess) return count;
  static_cast<void>(calls::cudaDriverGetVersion(&driver));
  static_cast<void>(calls::cudaGetLastError());
  // Where there is no driver at all, CUDA calls it insufficient.
  if (why != nullptr) *why = driver == 0 ? "there is no CUDA driver" : calls::cudaGetErrorString(status);
  return 0;
}

/// The GPU that this thread works with.
inline Device current_device() {
  constexpr const char* purpose = "looking at the GPU";
  int number = 0;
  check(calls::cudaGetDevice(&number), "cudaGetDevice", purpose);
  calls::cudaDeviceProp p{};
  check(calls::cudaGetDeviceProperties(&p, number), "cudaGetDeviceProperties", purpose);
  return {.name = static_cast<const char*>(p.name),
          .major = p.major,
          .minor = p.minor,
          .multiprocessors = p.multiProcessorCount,
          .memory = p.totalGlobalMem,
          .shared_bytes = p.sharedMemPerBlockOptin};
}

/// Bytes of the GPU's memory.
struct DeviceMemory {
  std::size_t free = 0, total = 0;
};

inline DeviceMemory device_memory() {
  DeviceMemory m;
  check(calls::cudaMemGetInfo(&m.free, &m.total), "cudaMemGetInfo", "asking for free memory");
  return m;
}

/// Throws Error where `bytes` do not fit the GPU's free memory, before anything is allocated. `largest_batch(free)`
/// gives the largest batch that takes at most so many bytes:
///
///     require_memory(Net::training_bytes(batch, adam), "training with a batch of 4096",
///                    [&](std::size_t free) { return Net::max_batch(free, adam); });
template <class LargestBatch>
void require_memory(std::size_t bytes, std::string_view purpose, LargestBatch largest_batch) {
  const DeviceMemory m = device_memory();
  if (bytes <= m.free) return;
  std::string text =
      joined({"out of memory on the GPU: ", purpose, " wants ", strata::detail::readable_bytes(bytes), ", and ",
              strata::detail::readable_bytes(m.free), " of ", strata::detail::readable_bytes(m.total), " are free"});
  if (const int batch = largest_batch(m.free); batch > 0)
    append(text, {"; the largest batch that fits is ", batch});
  else
    append(text, {"; not even a batch of 1 fits"});
  throw Error(text);
}

/// The same for what has no batch.
inline void require_memory(std::size_t bytes, std::string_view purpose) {
  const DeviceMemory m = device_memory();
  if (bytes > m.free)
    throw Error(
        joined({"out of memory on the GPU: ", purpose, " wants ", strata::detail::readable_bytes(bytes), ", and ",
                strata::detail::readable_bytes(m.free), " of ", strata::detail::readable_bytes(m.total), " are free"}));
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
