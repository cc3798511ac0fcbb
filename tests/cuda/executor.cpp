// A plan on the device: what the CPU's executor makes of it, in training and in prediction, launched and recorded.
#include <simt/accesses.hpp>
#include <simt/runtime/gpu.hpp>
#include <simt/simt.hpp>
#include <strata/cpu/executor.hpp>
#include <strata/cuda/executor.cuh>
#include <strata/layers/dropout/dropout.hpp>
#include <strata/layers/flatten/flatten.hpp>
#include <strata/layers/leaky_relu/leaky_relu.hpp>
#include <strata/layers/relu/relu.hpp>
#include <strata/plan/network.hpp>

#include <cuda/plain_layers.cuh>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace strata;
using cuda_test::PlainDense;

namespace {

struct Layers
    : Seq<PlainDense<20>, LeakyReLU<8>, Dropout<20>, Flatten, PlainDense<7>, ReLU, Dropout<30>, PlainDense<3>> {};
using Net = Network<Layers, Input<2, 5, 1>>;

constexpr philox::Key key{42};
constexpr std::uint32_t step_number = 3;
constexpr int capacity = 9;

/// The k-th number of some row of them.
float number(std::size_t k) { return static_cast<float>((k * 37 + 11) % 53) / 32 - 0.8f; }

std::vector<float> numbers(std::int64_t count) {
  std::vector<float> all(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = number(i);
  return all;
}

/// What a run leaves: results of the samples, gradients of the parameters.
struct Left {
  std::vector<float> result, gradients;

  friend bool operator==(const Left&, const Left&) = default;
};

template <class Executor>
std::vector<float> without_gaps(const std::vector<float>& from, int batch) {
  std::vector<float> to;
  for (int n = 0; n < batch; ++n) {
    const auto begin = from.begin() + n * Executor::result_stride;
    to.insert(to.end(), begin, begin + Net::output.size());
  }
  return to;
}

template <Mode M>
Left on_the_cpu(int batch) {
  using P = Plan<Net, M, Cpu<>>;
  using Executor = cpu::Executor<P>;
  cpu::Pool pool(1);
  Executor executor(pool, capacity);
  std::vector<float> arena = numbers(Net::parameters.floats + 16), gradients(arena.size());
  for (std::int64_t i = 0; i < batch * Executor::input_stride; ++i)
    executor.input(batch)[i] = number(static_cast<std::size_t>(i) + 5);
  executor.forward(arena.data(), batch, key, step_number);
  Left left;
  left.result.assign(executor.result(batch), executor.result(batch) + batch * Executor::result_stride);
  if constexpr (M == Mode::training) {
    for (std::int64_t i = 0; i < batch * Executor::result_stride; ++i)
      executor.result_gradient(batch)[i] = number(static_cast<std::size_t>(i) + 9);
    executor.backward(arena.data(), gradients.data(), batch, key, step_number);
    left.gradients.assign(gradients.begin(), gradients.begin() + Net::parameters.trainable_floats);
  }
  left.result = without_gaps<Executor>(left.result, batch);
  return left;
}

/// An executor on the device and what it works on.
template <Mode M>
struct OnTheDevice {
  using P = Plan<Net, M, Cuda<Fp32>>;
  using Executor = cuda::Executor<P>;

  cuda::OwnedStream stream;
  cuda::DeviceBuffer<float> arena{static_cast<std::size_t>(Net::parameters.floats) + 16, "a test"};
  cuda::DeviceBuffer<float> gradients{static_cast<std::size_t>(Net::parameters.trainable_floats), "a test"};
  cuda::DeviceBuffer<std::uint32_t> step{1, "a test"};
  Executor executor{stream, capacity};

  OnTheDevice() {
    const std::vector<float> parameters = numbers(Net::parameters.floats + 16);
    arena.upload(stream, parameters);
    gradients.zero(stream);
    step.upload(stream, {&step_number, 1});
    cuda::wait_for(stream, "a test");
  }

  void copy(float* to, const float* from, std::int64_t floats, cuda::calls::cudaMemcpyKind kind) {
    cuda::check(cuda::calls::cudaMemcpyAsync(to, from, static_cast<std::size_t>(floats) * 4, kind, stream),
                "cudaMemcpyAsync", "a test");
  }

  Left run(int batch, bool records) {
    std::vector<float> input = numbers(batch * Executor::input_stride + 5),
                       dy = numbers(9 + batch * Executor::result_stride);
    copy(executor.input(batch), input.data() + 5, batch * Executor::input_stride, cuda::calls::cudaMemcpyHostToDevice);
    const auto forward = [&] { executor.forward(stream, arena.data(), batch, key, step.data()); };
    launch(records, forward);
    Left left;
    left.result.resize(static_cast<std::size_t>(batch * Executor::result_stride));
    copy(left.result.data(), executor.result(batch), batch * Executor::result_stride,
         cuda::calls::cudaMemcpyDeviceToHost);
    if constexpr (M == Mode::training) {
      copy(executor.result_gradient(batch), dy.data() + 9, batch * Executor::result_stride,
           cuda::calls::cudaMemcpyHostToDevice);
      launch(records, [&] { executor.backward(stream, arena.data(), gradients.data(), batch, key, step.data()); });
      left.gradients.resize(gradients.size());
      gradients.download(stream, left.gradients);
    }
    cuda::wait_for(stream, "a test");
    left.result = without_gaps<Executor>(left.result, batch);
    return left;
  }

 private:
  template <class Work>
  void launch(bool records, const Work& work) {
    if (records)
      cuda::Graph(stream, "a test", work).launch(stream, "a test");
    else
      work();
  }
};

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  BOOST_REQUIRE(a.size() == b.size());
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    most = std::max(most, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  return most;
}

template <Mode M>
void check() {
  for (const simt::Schedule& schedule : simt::three_schedules) {
    const simt::Machine machine({.schedule = schedule});
    const simt::Gpu gpu;
    OnTheDevice<M> device;
    for (const int batch : {1, 4, capacity}) {
      const Left expected = on_the_cpu<M>(batch), left = device.run(batch, false);
      BOOST_TEST(largest_difference(left.result, expected.result) <= 0x1p-20);
      BOOST_TEST(largest_difference(left.gradients, expected.gradients) <= 0x1p-19);
      BOOST_TEST((device.run(batch, true) == left), "recorded as launched");
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(executor)

BOOST_AUTO_TEST_CASE(training) { check<Mode::training>(); }
BOOST_AUTO_TEST_CASE(prediction) { check<Mode::inference>(); }

BOOST_AUTO_TEST_CASE(one_block_of_memory, *boost::unit_test::precondition(simt_test::is_simulated)) {
  const simt::Gpu gpu;
  using P = Plan<Net, Mode::training, Cuda<Fp32>>;
  const cuda::OwnedStream stream;
  const cuda::Executor<P> executor(stream, 100);
  BOOST_TEST(gpu.allocations() == 1);
  BOOST_TEST(gpu.bytes_in_use() == P::workspace_bytes(100, 0));
  cuda::wait_for(stream, "a test");
}

BOOST_AUTO_TEST_SUITE_END()
