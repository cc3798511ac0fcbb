// The calls of CUDA's run time that the backend makes, by CUDA's own names: CUDA's own where nvcc compiles. Elsewhere
// they are declared here, with CUDA's numbers, and defined by whoever links without nvcc: tests/simt/runtime/ does,
// over the CPU's memory.
#pragma once

#include <strata/cuda/side.hpp>

#include <cstddef>

#if defined(__CUDACC__)
#include <cuda_runtime.h>
#endif

struct CUstream_st;
struct CUevent_st;
struct CUgraph_st;
struct CUgraphExec_st;

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// A queue of the device's work: what CUDA calls cudaStream_t.
using Stream = CUstream_st*;

namespace calls {

#if defined(__CUDACC__)

using ::cudaDeviceProp;
using ::cudaError_t;
using ::cudaEvent_t;
using ::cudaGraph_t;
using ::cudaGraphExec_t;

using ::cudaErrorLaunchFailure;
using ::cudaErrorMemoryAllocation;
using ::cudaMemcpyDeviceToDevice;
using ::cudaMemcpyDeviceToHost;
using ::cudaMemcpyHostToDevice;
using ::cudaMemcpyKind;
using ::cudaStreamCaptureModeThreadLocal;
using ::cudaSuccess;
inline constexpr unsigned non_blocking = cudaStreamNonBlocking;

using ::cudaDriverGetVersion;
using ::cudaEventCreate;
using ::cudaEventDestroy;
using ::cudaEventElapsedTime;
using ::cudaEventRecord;
using ::cudaEventSynchronize;
using ::cudaFree;
using ::cudaGetDevice;
using ::cudaGetDeviceCount;
using ::cudaGetDeviceProperties;
using ::cudaGetErrorString;
using ::cudaGetLastError;
using ::cudaGraphDestroy;
using ::cudaGraphExecDestroy;
using ::cudaGraphInstantiate;
using ::cudaGraphLaunch;
using ::cudaMalloc;
using ::cudaMemcpyAsync;
using ::cudaMemGetInfo;
using ::cudaMemsetAsync;
using ::cudaStreamBeginCapture;
using ::cudaStreamCreateWithFlags;
using ::cudaStreamDestroy;
using ::cudaStreamEndCapture;
using ::cudaStreamSynchronize;

#else

using cudaEvent_t = CUevent_st*;
using cudaGraph_t = CUgraph_st*;
using cudaGraphExec_t = CUgraphExec_st*;

enum cudaError_t {
  cudaSuccess = 0,
  cudaErrorMemoryAllocation = 2,
  cudaErrorInsufficientDriver = 35,
  cudaErrorNoDevice = 100,
  cudaErrorLaunchFailure = 719
};
enum cudaMemcpyKind { cudaMemcpyHostToDevice = 1, cudaMemcpyDeviceToHost = 2, cudaMemcpyDeviceToDevice = 3 };
enum cudaStreamCaptureMode { cudaStreamCaptureModeThreadLocal = 1 };
inline constexpr unsigned non_blocking = 1;

/// Of CUDA's fields those that the backend looks at.
struct cudaDeviceProp {
  char name[256];
  std::size_t totalGlobalMem, sharedMemPerBlockOptin;
  int major, minor, multiProcessorCount;
};

cudaError_t cudaDriverGetVersion(int*);
cudaError_t cudaEventCreate(cudaEvent_t*);
cudaError_t cudaEventDestroy(cudaEvent_t);
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t from, cudaEvent_t to);
cudaError_t cudaEventRecord(cudaEvent_t, Stream);
cudaError_t cudaEventSynchronize(cudaEvent_t);
cudaError_t cudaFree(void*);
cudaError_t cudaGetDevice(int*);
cudaError_t cudaGetDeviceCount(int*);
cudaError_t cudaGetDeviceProperties(cudaDeviceProp*, int device);
const char* cudaGetErrorString(cudaError_t);
cudaError_t cudaGetLastError();
cudaError_t cudaGraphDestroy(cudaGraph_t);
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t);
cudaError_t cudaGraphInstantiate(cudaGraphExec_t*, cudaGraph_t, unsigned long long flags = 0);
cudaError_t cudaGraphLaunch(cudaGraphExec_t, Stream);
cudaError_t cudaMalloc(void**, std::size_t bytes);
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind, Stream);
cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total);
cudaError_t cudaMemsetAsync(void* to, int byte, std::size_t bytes, Stream);
cudaError_t cudaStreamBeginCapture(Stream, cudaStreamCaptureMode);
cudaError_t cudaStreamCreateWithFlags(Stream*, unsigned flags);
cudaError_t cudaStreamDestroy(Stream);
cudaError_t cudaStreamEndCapture(Stream, cudaGraph_t*);
cudaError_t cudaStreamSynchronize(Stream);

#endif

}  // namespace calls
}  // namespace STRATA_SIDE
}  // namespace strata::cuda
