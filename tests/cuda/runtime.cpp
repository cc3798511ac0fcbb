// The run time as the backend uses it: what it owns, and what its errors say.
#include <simt/runtime/gpu.hpp>
#include <simt/simt.hpp>
#include <strata/cuda/launch.hpp>
#include <strata/cuda/primitives.hpp>
#include <strata/cuda/runtime.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <string>
#include <utility>

using namespace strata;
using namespace strata::cuda;

namespace {

/// The message of the Error that run() throws; empty if none.
template <class Run>
std::string error_of(const Run& run) {
  try {
    run();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

__global__ void count_kernel(int* count) { *count += 1; }

}  // namespace

BOOST_AUTO_TEST_SUITE(runtime)

BOOST_AUTO_TEST_CASE(without_a_gpu) {
  std::string why;
  BOOST_TEST(device_count(&why) == 0);
  BOOST_TEST(why == "no CUDA-capable device is detected");
  BOOST_TEST(error_of([] { OwnedStream(); }) ==
             "CUDA: cudaStreamCreateWithFlags for a queue of the GPU's work: no CUDA-capable device is detected (error "
             "100)");
}

BOOST_AUTO_TEST_CASE(the_gpu_there_is) {
  const simt::Gpu gpu({.memory = 1000});
  BOOST_TEST(device_count() == 1);
  const Device device = current_device();
  BOOST_TEST(device.name == "simulated GPU");
  BOOST_TEST(device.memory == 1000u);
  BOOST_TEST(device.major == 8);
  BOOST_TEST(device.shared_bytes == simt::sm_80);
}

BOOST_AUTO_TEST_CASE(buffers_own_their_memory) {
  const simt::Gpu gpu;
  {
    DeviceBuffer<int> a(10, "a test"), b;
    BOOST_TEST(gpu.bytes_in_use() == 40u);
    b = std::move(a);
    const DeviceBuffer<int> c(std::move(b));
    BOOST_TEST(c.size() == 10u);
    BOOST_TEST(gpu.bytes_in_use() == 40u);
    const DeviceBuffer<int> none(0, "a test");
    BOOST_TEST(none.data() == nullptr);
  }
  BOOST_TEST(gpu.bytes_in_use() == 0u);
  BOOST_TEST(gpu.allocations() == 1);
}

BOOST_AUTO_TEST_CASE(errors_name_the_call_and_what_it_was_for) {
  simt::Gpu gpu;
  OwnedStream stream;
  gpu.fail_next("cudaMalloc", calls::cudaErrorMemoryAllocation);
  BOOST_TEST(error_of([] { DeviceBuffer<float>(4, "the workspace of a step"); }) ==
             "CUDA: cudaMalloc for the workspace of a step: out of memory (error 2)");
  gpu.fail_next("cudaStreamSynchronize", calls::cudaErrorLaunchFailure);
  BOOST_TEST(error_of([&] { wait_for(stream, "the steps of training"); }) ==
             "CUDA: cudaStreamSynchronize for the steps of training: unspecified launch failure (error 719)");
  gpu.fail_next("cudaGraphInstantiate", calls::cudaErrorMemoryAllocation);
  BOOST_TEST(error_of([&] { Graph(stream, "a step", [] {}); }) ==
             "CUDA: cudaGraphInstantiate for a step: out of memory (error 2)");
}

BOOST_AUTO_TEST_CASE(memory_is_asked_for_before_it_is_taken) {
  const simt::Gpu gpu({.memory = 4 << 20});
  const DeviceBuffer<std::byte> taken(1 << 20, "a test");
  const auto batches = [](std::size_t free) { return static_cast<int>(free / (1 << 20)); };
  BOOST_TEST(error_of([&] { require_memory(3 << 20, "training", batches); }) == "");
  BOOST_TEST(error_of([&] { require_memory((7 << 20) / 2, "training with a batch of 7", batches); }) ==
             "out of memory on the GPU: training with a batch of 7 wants 3.5 MiB, and 3.0 MiB of 4.0 MiB are free; "
             "the largest batch that fits is 3");
  BOOST_TEST(error_of([&] { require_memory(5 << 20, "training", [](std::size_t) { return 0; }); }) ==
             "out of memory on the GPU: training wants 5.0 MiB, and 3.0 MiB of 4.0 MiB are free; not even a batch of 1 "
             "fits");
  BOOST_TEST(error_of([&] { require_memory(5 << 20, "the data set"); }) ==
             "out of memory on the GPU: the data set wants 5.0 MiB, and 3.0 MiB of 4.0 MiB are free");
  BOOST_TEST(gpu.allocations() == 1);
}

BOOST_AUTO_TEST_CASE(a_recording_ends_whatever_happens) {
  const simt::Gpu gpu;
  OwnedStream stream;
  DeviceBuffer<int> count(1, "a test");
  count.zero(stream);
  const auto add = [&] { launch<count_kernel>({.grid = {1}, .block = {1}, .stream = stream}, count.data()); };
  BOOST_TEST(error_of([&] {
               Graph(stream, "a step", [&] {
                 add();
                 throw Error("something else");
               });
             }) == "something else");
  const Graph graph(stream, "a step", [&] {
    add();
    add();
  });
  for (int i = 0; i < 3; ++i) graph.launch(stream, "a step");
  std::array<int, 1> seen{};
  count.download(stream, seen);
  wait_for(stream, "a test");
  BOOST_TEST(seen[0] == 6);
}

BOOST_AUTO_TEST_CASE(timing) {
  const simt::Gpu gpu;
  OwnedStream stream;
  Timer timer;
  timer.start(stream);
  timer.stop(stream);
  BOOST_TEST(timer.milliseconds() >= 0);
}

BOOST_AUTO_TEST_SUITE_END()
