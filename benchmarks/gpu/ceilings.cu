// What this GPU can do, a line of JSON each: bandwidth of copies, latencies that bound small nets. (products.cu: the
// rest.)
//
//     copy           bytes read and written in a second, of a copy far larger than any cache
//     graph_node     seconds from one empty kernel of a graph to the next that depends on it
//     grid_barrier   seconds of a barrier of all multiprocessors within one kernel
//     graph_launch   seconds of the CPU to launch a graph of one empty kernel and wait for it
//
// Exit status 77: there is no GPU.
#include <chrono>

#include "ceilings.cuh"

namespace {

using namespace strata;
using bench::print;
using bench::seconds;
using cuda::DeviceBuffer;
using cuda::Stream;

void copy(Stream stream) {
  constexpr std::size_t bytes = std::size_t{1} << 30;
  const DeviceBuffer<std::byte> from(bytes, "a copy"), to(bytes, "a copy");
  const double time = seconds(stream, 10, [&](int count) {
    for (int i = 0; i < count; ++i)
      cuda::check(
          cuda::calls::cudaMemcpyAsync(to.data(), from.data(), bytes, cuda::calls::cudaMemcpyDeviceToDevice, stream),
          "cudaMemcpyAsync", "a copy");
  });
  print("copy", 2 * static_cast<double>(bytes) / time, "B/s");
}

__global__ void empty_kernel() {}

void graph_node(Stream stream) {
  constexpr int nodes = 1000;
  const cuda::Graph graph(stream, "empty kernels", [&] {
    for (int i = 0; i < nodes; ++i) empty_kernel<<<1, 32, 0, stream>>>();
  });
  const double time = seconds(stream, 5, [&](int count) {
    for (int i = 0; i < count; ++i) graph.launch(stream, "empty kernels");
  });
  print("graph_node", time / nodes, "s");
}

void graph_launch(Stream stream) {
  const cuda::Graph graph(stream, "an empty kernel", [&] { empty_kernel<<<1, 32, 0, stream>>>(); });
  std::vector<double> times;
  for (int i = 0; i < 200; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    graph.launch(stream, "an empty kernel");
    cuda::wait_for(stream, "an empty kernel");
    times.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  print("graph_launch", bench::median(times), "s");
}

/// `count` barriers of all blocks: each counts itself in, and waits until all of this round are there.
__global__ void barriers_kernel(unsigned* arrived, unsigned count) {
  for (unsigned round = 1; round <= count; ++round) {
    __syncthreads();
    if (threadIdx.x == 0) {
      __threadfence();
      atomicAdd(arrived, 1);
      while (*reinterpret_cast<volatile unsigned*>(arrived) < round * gridDim.x) {
      }
      __threadfence();
    }
    __syncthreads();
  }
}

void grid_barrier(Stream stream) {
  unsigned barriers = 1000;
  DeviceBuffer<unsigned> arrived(1, "a barrier");
  unsigned* counter = arrived.data();
  void* arguments[] = {&counter, &barriers};
  const dim3 grid(static_cast<unsigned>(cuda::current_device().multiprocessors)), block(256);
  const double time = seconds(stream, 5, [&](int count) {
    for (int i = 0; i < count; ++i) {
      arrived.zero(stream);
      cuda::check(cudaLaunchCooperativeKernel(barriers_kernel, grid, block, arguments, 0, stream),
                  "cudaLaunchCooperativeKernel", "barriers");
    }
  });
  print("grid_barrier", time / barriers, "s");
}

}  // namespace

int main() { return bench::measure_ceilings({copy, graph_node, graph_launch, grid_barrier}); }
