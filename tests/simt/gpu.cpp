// The run time's GPU: what CUDA forbids it finds, beside what CUDA allows.
#include <simt/accesses.hpp>
#include <simt/faults.hpp>
#include <simt/runtime/gpu.hpp>
#include <strata/cuda/launch.hpp>
#include <strata/cuda/primitives/thread.hpp>
#include <strata/cuda/runtime.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <optional>
#include <vector>

using namespace strata::cuda;
using simt_test::complaint;
using simt_test::says;

namespace {

__global__ void add_kernel(const float* from, float* to) { to[thread_index().x] += from[thread_index().x]; }

void add(Stream stream, const float* from, float* to) {
  launch<add_kernel>({.grid = {1}, .block = {4}, .stream = stream}, from, to);
}

/// Two arrays of the device, 1 2 3 4 and zeros.
struct Arrays {
  OwnedStream stream;
  DeviceBuffer<float> from{4, "a test"}, to{4, "a test"};
  std::array<float, 4> values{1, 2, 3, 4};

  Arrays() {
    from.upload(stream, values);
    to.zero(stream);
    wait_for(stream, "a test");
  }
};

/// What is said of a recording that holds one addition and then does `more`.
template <class More>
std::string complaint_of_recording(Arrays& a, More more) {
  return complaint([&] {
    Graph(a.stream, "a test", [&] {
      add(a.stream, a.from.data(), a.to.data());
      more();
    });
  });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gpu)

BOOST_AUTO_TEST_CASE(a_stream_is_late) {
  const simt::Gpu gpu;
  Arrays a;
  std::array<float, 4> seen{};
  add(a.stream, a.from.data(), a.to.data());
  a.to.download(a.stream, seen);
  BOOST_TEST(seen[3] == 0);
  BOOST_TEST(gpu.kernels_run() == 0);
  wait_for(a.stream, "a test");
  BOOST_TEST(seen[3] == 4);
}

BOOST_AUTO_TEST_CASE(a_graph_runs_when_it_is_launched) {
  const simt::Gpu gpu;
  Arrays a;
  const Graph graph(a.stream, "a test", [&] { add(a.stream, a.from.data(), a.to.data()); });
  std::array<float, 4> seen{};
  a.to.download(a.stream, seen);
  wait_for(a.stream, "a test");
  BOOST_TEST(seen[0] == 0);
  graph.launch(a.stream, "a test");
  wait_for(a.stream, "a test");
  a.values[0] = 10;
  a.from.upload(a.stream, a.values);  // a recording reads the device's memory anew
  graph.launch(a.stream, "a test");
  a.to.download(a.stream, seen);
  wait_for(a.stream, "a test");
  BOOST_TEST(seen[0] == 11);
  BOOST_TEST(seen[3] == 8);
  BOOST_TEST(gpu.graph_launches() == 2);
}

BOOST_AUTO_TEST_CASE(waiting_in_a_recording) {
  const simt::Gpu gpu;
  Arrays a;
  BOOST_TEST(says(complaint_of_recording(a, [&] { wait_for(a.stream, "a test"); }), "cudaStreamSynchronize",
                  "records a graph"));
}

BOOST_AUTO_TEST_CASE(allocating_in_a_recording) {
  const simt::Gpu gpu;
  Arrays a;
  BOOST_TEST(says(complaint_of_recording(a, [&] { const DeviceBuffer<float> more(16, "a test"); }),
                  "cudaMalloc of 64 bytes", "records a graph", "before the recording"));
}

BOOST_AUTO_TEST_CASE(freeing_in_a_recording) {
  const simt::Gpu gpu;
  Arrays a;
  std::optional<DeviceBuffer<float>> more(std::in_place, 16, "a test");
  BOOST_TEST(says(complaint_of_recording(a, [&] { more.reset(); }), "cudaFree", "records a graph"));
}

BOOST_AUTO_TEST_CASE(copies_with_the_cpu_in_a_recording) {
  const simt::Gpu gpu;
  Arrays a;
  BOOST_TEST(says(complaint_of_recording(a, [&] { a.from.upload(a.stream, a.values); }),
                  "cudaMemcpyAsync from the CPU's memory", "records a graph"));
  BOOST_TEST(says(complaint_of_recording(a, [&] { a.to.download(a.stream, a.values); }),
                  "cudaMemcpyAsync to the CPU's memory", "records a graph"));
  BOOST_TEST(complaint_of_recording(a, [&] { a.to.zero(a.stream); }).empty());
}

BOOST_AUTO_TEST_CASE(another_stream_in_a_recording) {
  const simt::Gpu gpu;
  Arrays a;
  BOOST_TEST(says(complaint_of_recording(a, [&] { add(nullptr, a.from.data(), a.to.data()); }), "add_kernel",
                  "another stream than the one that records"));
  const OwnedStream other;
  BOOST_TEST(says(complaint_of_recording(a, [&] { add(other, a.from.data(), a.to.data()); }), "add_kernel",
                  "another stream than the one that records"));
}

BOOST_AUTO_TEST_CASE(the_cpu_in_the_memory_of_the_device, *boost::unit_test::precondition(simt_test::sees_accesses)) {
  const simt::Gpu gpu;
  Arrays a;
  volatile float seen = 0;
  BOOST_TEST(says(complaint([&] {
                    seen = a.from.data()[1];
                    wait_for(a.stream, "a test");
                  }),
                  "the CPU reads the device's memory at gpu.cpp:"));
  BOOST_TEST(says(complaint([&] {
                    a.from.data()[1] = seen;
                    wait_for(a.stream, "a test");
                  }),
                  "the CPU writes the device's memory at gpu.cpp:"));
  BOOST_TEST(says(complaint_of_recording(a, [&] { seen = a.from.data()[2]; }), "the CPU reads", "records a graph"));
}

BOOST_AUTO_TEST_CASE(a_kernel_in_the_memory_of_the_cpu, *boost::unit_test::precondition(simt_test::sees_accesses)) {
  const simt::Gpu gpu;
  Arrays a;
  std::vector<float> of_the_cpu(4);
  BOOST_TEST(says(complaint([&] {
                    add(a.stream, of_the_cpu.data(), a.to.data());
                    wait_for(a.stream, "a test");
                  }),
                  "add_kernel", "memory that is not the device's"));
}

BOOST_AUTO_TEST_CASE(copies_out_of_bounds) {
  const simt::Gpu gpu;
  Arrays a;
  std::array<float, 8> many{};
  BOOST_TEST(says(complaint([&] { a.from.upload(a.stream, many); }), "32 bytes", "do not lie in one block"));
  BOOST_TEST(says(complaint([&] { a.from.download(a.stream, {a.to.data(), 4}); }), "check its direction"));
}

BOOST_AUTO_TEST_CASE(changing_what_is_being_copied) {
  const simt::Gpu gpu;
  Arrays a;
  a.from.upload(a.stream, a.values);
  a.values[2] = 7;
  BOOST_TEST(says(complaint([&] { wait_for(a.stream, "a test"); }), "has changed since", "until the copy is done"));
}

BOOST_AUTO_TEST_CASE(freeing_while_work_is_queued) {
  const simt::Gpu gpu;
  Arrays a;
  std::optional<DeviceBuffer<float>> more(std::in_place, 4, "a test");
  add(a.stream, a.from.data(), a.to.data());
  more.reset();
  BOOST_TEST(says(complaint([&] { wait_for(a.stream, "a test"); }), "cudaFree while work is queued"));
  wait_for(a.stream, "a test");
}

BOOST_AUTO_TEST_SUITE_END()
