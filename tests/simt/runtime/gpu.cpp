// The GPU of the run time: what it is, its memory, and who may touch it.
#include <simt/machine/machine.hpp>
#include <simt/machine/state.hpp>
#include <simt/runtime/state.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <utility>

namespace simt {

Gpu::State* gpu = nullptr;

namespace {

constexpr std::align_val_t block_alignment{256};

}  // namespace

Gpu::Gpu() : Gpu(Settings{}) {}

Gpu::Gpu(const Settings& settings) : state_(std::make_unique<State>()) {
  if (gpu != nullptr) throw Fault("there is a Gpu already; let one live at a time");
  state_->settings = settings;
  gpu = state_.get();
}

Gpu::~Gpu() {
  gpu = nullptr;
  for (const auto& [begin, bytes] : state_->blocks) operator delete(reinterpret_cast<void*>(begin), block_alignment);
  if (state_->complaint.empty()) return;
  std::fprintf(stderr, "%s\n", state_->complaint.c_str());
  std::abort();
}

std::size_t Gpu::bytes_in_use() const { return state_->in_use; }
int Gpu::allocations() const { return state_->allocations; }
int Gpu::graph_launches() const { return state_->graph_launches; }
int Gpu::kernels_run() const { return state_->kernels_run; }
void Gpu::fail_next(const std::string& call, strata::cuda::calls::cudaError_t error) { state_->failing[call] = error; }

bool Gpu::State::owns(std::uintptr_t begin, std::size_t bytes) const {
  auto block = blocks.upper_bound(begin);
  if (block == blocks.begin()) return false;
  --block;
  return begin - block->first <= block->second && bytes <= block->second - (begin - block->first);
}

strata::cuda::calls::cudaError_t begin_call(const char* name) {
  using namespace strata::cuda::calls;
  if (gpu == nullptr) return cudaErrorNoDevice;
  if (!gpu->complaint.empty() && std::uncaught_exceptions() == 0) throw Fault(std::exchange(gpu->complaint, {}));
  const auto failing = gpu->failing.find(name);
  if (failing == gpu->failing.end()) return cudaSuccess;
  const cudaError_t error = failing->second;
  gpu->failing.erase(failing);
  return error;
}

void refuse_recording(const std::string& call, const char* what_to_do) {
  if (gpu->recording != nullptr) throw Fault(call + " while a stream records a graph; " + what_to_do);
}

void watch_host(const void* address, std::size_t bytes, Access access, const Where& where) {
  if (gpu == nullptr || !gpu->complaint.empty() || !gpu->owns(reinterpret_cast<std::uintptr_t>(address), bytes)) return;
  gpu->complaint = std::string("the CPU ") + (access == Access::read ? "reads" : "writes") +
                   " the device's memory at " + text(where) +
                   (gpu->recording != nullptr ? " while a stream records a graph" : "") +
                   "; copy it, in the order of a stream, and wait for that";
}

bool is_foreign_to_gpu(std::uintptr_t address, std::size_t bytes) {
  return gpu != nullptr && !gpu->owns(address, bytes);
}

}  // namespace simt

namespace strata::cuda {
inline namespace STRATA_SIDE {
namespace calls {

using simt::begin_call;
using simt::gpu;

cudaError_t cudaGetDeviceCount(int* count) {
  *count = gpu == nullptr ? 0 : 1;
  return begin_call("cudaGetDeviceCount");
}

cudaError_t cudaGetDevice(int* number) {
  *number = 0;
  return begin_call("cudaGetDevice");
}

cudaError_t cudaDriverGetVersion(int* version) {
  *version = gpu == nullptr ? 13000 : gpu->settings.driver;
  return begin_call("cudaDriverGetVersion");
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* p, int) {
  if (const cudaError_t error = begin_call("cudaGetDeviceProperties"); error != cudaSuccess) return error;
  *p = {.name = "simulated GPU",
        .totalGlobalMem = gpu->settings.memory,
        .sharedMemPerBlockOptin = simt::state.settings.shared_limit,
        .major = gpu->settings.major,
        .minor = 0,
        .multiProcessorCount = 108};
  return cudaSuccess;
}

const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaSuccess:
      return "no error";
    case cudaErrorMemoryAllocation:
      return "out of memory";
    case cudaErrorInsufficientDriver:
      return "CUDA driver version is insufficient for CUDA runtime version";
    case cudaErrorNoDevice:
      return "no CUDA-capable device is detected";
    case cudaErrorLaunchFailure:
      return "unspecified launch failure";
  }
  return "unrecognized error code";
}

cudaError_t cudaGetLastError() { return cudaSuccess; }

cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  if (const cudaError_t error = begin_call("cudaMemGetInfo"); error != cudaSuccess) return error;
  *total = gpu->settings.memory;
  *free = *total - gpu->in_use;
  return cudaSuccess;
}

cudaError_t cudaMalloc(void** memory, std::size_t bytes) {
  if (const cudaError_t error = begin_call("cudaMalloc"); error != cudaSuccess) return error;
  simt::refuse_recording("cudaMalloc of " + std::to_string(bytes) + " bytes", "allocate before the recording");
  if (bytes > gpu->settings.memory - gpu->in_use) return cudaErrorMemoryAllocation;
  *memory = operator new(bytes, simt::block_alignment);
  std::memset(*memory, 0xff, bytes);
  gpu->blocks[reinterpret_cast<std::uintptr_t>(*memory)] = bytes;
  gpu->in_use += bytes;
  ++gpu->allocations;
  return cudaSuccess;
}

cudaError_t cudaFree(void* memory) {
  if (gpu == nullptr || memory == nullptr) return cudaSuccess;  // after the Gpu, which freed everything
  const auto block = gpu->blocks.find(reinterpret_cast<std::uintptr_t>(memory));
  if (gpu->complaint.empty()) {
    if (block == gpu->blocks.end()) gpu->complaint = "cudaFree of what is no block of the device's memory, or no more";
    if (gpu->recording != nullptr)
      gpu->complaint = "cudaFree while a stream records a graph; free behind the recording";
    const bool waits =
        std::any_of(gpu->streams.begin(), gpu->streams.end(), [](const CUstream_st* s) { return !s->queue.empty(); });
    if (waits && std::uncaught_exceptions() == 0)
      gpu->complaint = "cudaFree while work is queued, for which it would wait; wait for the stream before";
  }
  if (block == gpu->blocks.end()) return cudaSuccess;
  gpu->in_use -= block->second;
  gpu->blocks.erase(block);
  operator delete(memory, simt::block_alignment);
  return cudaSuccess;
}

}  // namespace calls
}  // namespace STRATA_SIDE
}  // namespace strata::cuda
