// Streams of the run time: queues that are late, graphs that they record, events.
#include <simt/machine/machine.hpp>
#include <simt/machine/state.hpp>
#include <simt/runtime/state.hpp>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

namespace simt {

void run_all(CUstream_st* stream) {
  while (!stream->queue.empty()) {
    const Work work = std::move(stream->queue.front());
    stream->queue.pop_front();
    try {
      work();
    } catch (...) {
      stream->queue.clear();
      throw;
    }
  }
}

void put(CUstream_st* stream, const std::string& what, Work work) {
  if (gpu != nullptr && gpu->recording != nullptr && gpu->recording != stream)
    throw Fault(what + " in another stream than the one that records a graph, which so does not hold it; " +
                "give it the stream that records");
  if (stream == nullptr)
    work();
  else if (stream->records)
    stream->recorded.push_back(std::move(work));
  else
    stream->queue.push_back(std::move(work));
}

namespace {

void check_device_range(const std::string& what, const void* begin, std::size_t bytes) {
  if (!gpu->owns(reinterpret_cast<std::uintptr_t>(begin), bytes))
    throw Fault(what + " of " + std::to_string(bytes) + " bytes that do not lie in one block of the device's memory; " +
                "check its direction and its size");
}

void check_host_range(const std::string& what, const void* begin) {
  if (gpu->owns(reinterpret_cast<std::uintptr_t>(begin), 1))
    throw Fault(what + ": what it takes for the CPU's memory is the device's; check its direction");
}

}  // namespace
}  // namespace simt

namespace strata::cuda {
inline namespace STRATA_SIDE {

namespace machine {

void launch(const Request& request, CUstream_st* stream, void (*body)(const void*), const void* data,
            std::size_t bytes) {
  if (stream == nullptr && (simt::gpu == nullptr || simt::gpu->recording == nullptr)) return run(request, body, data);
  constexpr std::size_t most = 4096;  // as CUDA
  if (bytes > most)
    throw simt::Fault("kernel " + std::string(request.kernel) + ": " + std::to_string(bytes) +
                      " bytes of arguments; a kernel takes at most 4096");
  const auto* const first = static_cast<const std::byte*>(data);
  simt::put(stream, "the launch of the kernel " + std::string(request.kernel),
            [name = std::string(request.kernel), request, body, copy = std::vector<std::byte>(first, first + bytes)] {
              alignas(64) std::byte arguments[most];  // on the stack, where a kernel may look without being seen
              std::memcpy(arguments, copy.data(), copy.size());
              Request again = request;
              again.kernel = name.c_str();
              ++simt::gpu->kernels_run;
              run(again, body, arguments);
            });
}

}  // namespace machine

namespace calls {

using simt::begin_call;
using simt::gpu;

cudaError_t cudaStreamCreateWithFlags(Stream* stream, unsigned) {
  if (const cudaError_t error = begin_call("cudaStreamCreateWithFlags"); error != cudaSuccess) return error;
  *stream = new CUstream_st;
  gpu->streams.push_back(*stream);
  return cudaSuccess;
}

cudaError_t cudaStreamDestroy(Stream stream) {
  if (gpu != nullptr) {
    gpu->streams.erase(std::remove(gpu->streams.begin(), gpu->streams.end(), stream), gpu->streams.end());
    if (gpu->recording == stream) gpu->recording = nullptr;
  }
  delete stream;
  return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(Stream stream) {
  if (const cudaError_t error = begin_call("cudaStreamSynchronize"); error != cudaSuccess) return error;
  simt::refuse_recording("cudaStreamSynchronize", "wait before or behind the recording");
  if (stream != nullptr) simt::run_all(stream);
  return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, Stream stream) {
  if (const cudaError_t error = begin_call("cudaMemcpyAsync"); error != cudaSuccess) return error;
  const std::string what = "cudaMemcpyAsync";
  if (kind != cudaMemcpyDeviceToDevice)
    simt::refuse_recording(what + (kind == cudaMemcpyHostToDevice ? " from" : " to") + " the CPU's memory",
                           "each launch of the graph would touch it anew; copy before or behind");
  if (kind == cudaMemcpyDeviceToHost)
    simt::check_host_range(what, to);
  else
    simt::check_device_range(what + " to", to, bytes);
  if (kind == cudaMemcpyHostToDevice)
    simt::check_host_range(what, from);
  else
    simt::check_device_range(what + " from", from, bytes);
  if (kind != cudaMemcpyHostToDevice) {
    simt::put(stream, what, [=] { std::memmove(to, from, bytes); });
    return cudaSuccess;
  }
  const auto* const first = static_cast<const std::byte*>(from);
  simt::put(stream, what, [=, was = std::vector<std::byte>(first, first + bytes)] {
    if (std::memcmp(from, was.data(), bytes) != 0)
      throw simt::Fault(what + " from memory of the CPU that has changed since; leave it alone until the copy is done");
    std::memcpy(to, from, bytes);
  });
  return cudaSuccess;
}

cudaError_t cudaMemsetAsync(void* to, int byte, std::size_t bytes, Stream stream) {
  if (const cudaError_t error = begin_call("cudaMemsetAsync"); error != cudaSuccess) return error;
  simt::check_device_range("cudaMemsetAsync", to, bytes);
  simt::put(stream, "cudaMemsetAsync", [=] { std::memset(to, byte, bytes); });
  return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(Stream stream, cudaStreamCaptureMode) {
  if (const cudaError_t error = begin_call("cudaStreamBeginCapture"); error != cudaSuccess) return error;
  simt::refuse_recording("cudaStreamBeginCapture", "end that recording first");
  if (stream == nullptr) throw simt::Fault("cudaStreamBeginCapture of the default stream; take a stream of your own");
  stream->records = true;
  gpu->recording = stream;
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(Stream stream, cudaGraph_t* graph) {
  stream->records = false;
  if (gpu != nullptr) gpu->recording = nullptr;
  std::vector<Work> recorded = std::exchange(stream->recorded, {});
  if (const cudaError_t error = begin_call("cudaStreamEndCapture"); error != cudaSuccess) return error;
  *graph = new CUgraph_st{std::move(recorded)};
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* exec, cudaGraph_t graph, unsigned long long) {
  if (const cudaError_t error = begin_call("cudaGraphInstantiate"); error != cudaSuccess) return error;
  *exec = new CUgraphExec_st{graph->work};
  return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec) {
  delete exec;
  return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, Stream stream) {
  if (const cudaError_t error = begin_call("cudaGraphLaunch"); error != cudaSuccess) return error;
  ++gpu->graph_launches;
  for (const Work& work : exec->work) simt::put(stream, "cudaGraphLaunch", work);
  return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  if (const cudaError_t error = begin_call("cudaEventCreate"); error != cudaSuccess) return error;
  *event = new CUevent_st;
  return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, Stream stream) {
  if (const cudaError_t error = begin_call("cudaEventRecord"); error != cudaSuccess) return error;
  event->stream = stream;
  simt::put(stream, "cudaEventRecord", [event] {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    event->milliseconds = std::chrono::duration<double, std::milli>(now).count();
  });
  return cudaSuccess;
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  if (const cudaError_t error = begin_call("cudaEventSynchronize"); error != cudaSuccess) return error;
  simt::refuse_recording("cudaEventSynchronize", "wait before or behind the recording");
  if (event->stream != nullptr) simt::run_all(event->stream);
  return cudaSuccess;
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t from, cudaEvent_t to) {
  if (const cudaError_t error = begin_call("cudaEventElapsedTime"); error != cudaSuccess) return error;
  if (from->milliseconds < 0 || to->milliseconds < 0)
    throw simt::Fault("cudaEventElapsedTime of an event that has not come yet; wait for it");
  *milliseconds = static_cast<float>(to->milliseconds - from->milliseconds);
  return cudaSuccess;
}

}  // namespace calls
}  // namespace STRATA_SIDE
}  // namespace strata::cuda
