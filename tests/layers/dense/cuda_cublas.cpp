// Large dense layers through cuBLASLt's descriptors: forward and the gradients against the reference, launched and
// recorded, with and without what the library can do behind a product.
#include <simt/accesses.hpp>
#include <simt/cublas/cublas.hpp>
#include <simt/runtime/gpu.hpp>
#include <simt/simt.hpp>
#include <strata/cuda/executor.cuh>
#include <strata/cuda/prediction.cuh>
#include <strata/cuda/training.cuh>
#include <strata/layers/dense/cuda.cuh>
#include <strata/plan/network.hpp>
#include <strata/train/optimizer/sgd.hpp>

#include <layers/check_network.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace strata;
using layer_test::Numbers;

// Small layers go the way of large ones here: the reference takes its time.
template <>
inline constexpr bool strata::cuda::is_large_dense<20, 28> = true;
template <>
inline constexpr bool strata::cuda::is_large_dense<28, 20> = true;
template <>
inline constexpr bool strata::cuda::is_large_dense<7, 5> = true;

namespace {

constexpr philox::Key key{42};
constexpr std::uint32_t step_number = 3;
constexpr int capacity = 3;

template <class In, class... Ops>
struct NetworkOf {
  struct Layers : Seq<Ops...> {};
  using type = Network<Layers, In>;
};

/// Integers, so that every sum is exact, for a network; and what the reference makes of them.
template <class Net, Mode M>
struct Expected {
  reference::Tensor x, y, dy;
  layer_test::References layers = layer_test::operations_of<typename Net::operations>::template make<
      strata::detail::shape_type_t<Net::input_shape>>({key, step_number, 0, M});

  explicit Expected(int batch) {
    layer_test::Source source(static_cast<unsigned>(batch));
    x = layer_test::batch_of(Net::input_shape, batch);
    source.fill(x, Numbers::integer);
    for (auto& layer : layers)
      for (reference::Tensor& p : layer->parameters) source.fill(p, Numbers::integer, 1);
    y = x;
    for (auto& layer : layers) y = layer->forward(y);
    dy = y.like();
    source.fill(dy, Numbers::integer);
    if (M == Mode::inference) return;
    reference::Tensor dx = dy;
    for (std::size_t l = layers.size(); l-- > 0;) dx = layers[l]->backward(dx);
  }
};

/// What a run leaves.
struct Left {
  std::vector<float> result, gradients;
  int kernels = 0;  ///< of our own

  friend bool operator==(const Left& a, const Left& b) {
    return layer_test::same_bits(a.result, b.result) && layer_test::same_bits(a.gradients, b.gradients);
  }
};

/// A network of large layers on a device, which lives as long.
template <class Net, class P, Mode M>
class Device {
 public:
  using Steps = Plan<Net, M, Cuda<P>>;
  using Executor = cuda::Executor<Steps>;

  Left run(const Expected<Net, M>& expected, int batch, bool records) {
    scatter(expected.x, executor_.input(batch), Executor::input_stride, batch);
    std::vector<float> parameters(arena_.size());
    std::size_t t = 0;
    for (const auto& layer : expected.layers)
      for (const reference::Tensor& p : layer->parameters)
        for (std::size_t i = 0, at = static_cast<std::size_t>(Net::parameters.segments[t++].offset); i < p.size(); ++i)
          parameters[at + i] = static_cast<float>(p.value[i]);
    arena_.upload(stream_, parameters);
    step_.upload(stream_, {&step_number, 1});
    cuda::wait_for(stream_, "a test");

    Left left;
    left.kernels = -gpu_.kernels_run();
    executor_.prepare(batch);
    launch(records, [&] { executor_.forward(stream_, arena_.data(), batch, key, step_.data()); });
    left.result.resize(static_cast<std::size_t>(batch * Executor::result_stride));
    copy(left.result.data(), executor_.result(batch), left.result.size(), cuda::calls::cudaMemcpyDeviceToHost);
    if constexpr (M == Mode::training) {
      scatter(expected.dy, executor_.result_gradient(batch), Executor::result_stride, batch);
      launch(records, [&] { executor_.backward(stream_, arena_.data(), gradients_.data(), batch, key, step_.data()); });
      left.gradients.resize(gradients_.size());
      gradients_.download(stream_, left.gradients);
    }
    cuda::wait_for(stream_, "a test");
    left.kernels += gpu_.kernels_run();
    for (std::size_t i = left.result.size(); i-- > 0;)  // leave out what lies between samples
      if (const auto column = static_cast<std::int64_t>(i) % Executor::result_stride; column >= Net::output.size())
        left.result.erase(left.result.begin() + static_cast<std::ptrdiff_t>(i));
    return left;
  }

 private:
  template <class Work>
  void launch(bool records, const Work& work) {
    if (records)
      cuda::Graph(stream_, "a test", work).launch(stream_, "a test");
    else
      work();
  }

  void copy(float* to, const float* from, std::size_t floats, cuda::calls::cudaMemcpyKind kind) {
    cuda::check(cuda::calls::cudaMemcpyAsync(to, from, floats * 4, kind, stream_), "cudaMemcpyAsync", "a test");
  }

  void scatter(const reference::Tensor& x, float* to, std::int64_t stride, int batch) {
    std::vector<float> rows(static_cast<std::size_t>(batch * stride), std::numeric_limits<float>::quiet_NaN());
    const std::size_t size = x.size() / static_cast<std::size_t>(batch);
    for (std::size_t i = 0; i < x.size(); ++i)
      rows[i / size * static_cast<std::size_t>(stride) + i % size] = static_cast<float>(x.value[i]);
    copy(to, rows.data(), rows.size(), cuda::calls::cudaMemcpyHostToDevice);
    cuda::wait_for(stream_, "a test");
  }

  simt::Gpu gpu_;
  cuda::OwnedStream stream_;
  cuda::DeviceBuffer<float> arena_{static_cast<std::size_t>(Net::parameters.floats) + 16, "a test"};
  cuda::DeviceBuffer<float> gradients_{static_cast<std::size_t>(Net::parameters.trainable_floats), "a test"};
  cuda::DeviceBuffer<std::uint32_t> step_{1, "a test"};
  Executor executor_{stream_, capacity};
};

/// Runs batches of several sizes in three schedules, each launched and recorded. Returns the number of our own kernels
/// in a step.
template <class P, Mode M, class In, class... Ops>
int check(bool has_epilogues = true) {
  using Net = typename NetworkOf<In, Ops...>::type;
  using OnDevice = Device<Net, P, M>;
  const simt::Cublas library(has_epilogues);
  int kernels = 0;
  for (const simt::Schedule& schedule : simt::three_schedules) {
    const simt::Machine machine({.schedule = schedule});
    OnDevice device;
    for (const int batch : {1, capacity}) {
      const Expected<Net, M> expected(batch);
      const Left left = device.run(expected, batch, false);
      layer_test::compare("output", left.result, expected.y, Numbers::integer);
      if constexpr (M == Mode::training) {
        std::size_t t = 0;
        for (const auto& layer : expected.layers)
          for (const reference::Tensor& g : layer->gradients) {
            const auto& segment = Net::parameters.segments[t++];
            const auto begin = left.gradients.begin() + segment.offset;
            layer_test::compare(segment.parameter.name, {begin, begin + segment.parameter.size()}, g, Numbers::integer);
          }
      }
      BOOST_TEST((device.run(expected, batch, true) == left), "recorded as launched");
      kernels = left.kernels;
    }
  }
  return kernels;
}

/// A GPU does not count them.
void check_launches(int seen, int wanted) {
  if (simt::is_simulated) BOOST_TEST(seen == wanted);
}

template <class In, class... Ops>
using Group = GroupSpec<Cuda<>, Mode::training, In, Ops...>;

// VGG-16's three, the one of R13, and what is too small, too narrow or no multiple of 4.
static_assert(cuda::by_cublas<Group<Image<7, 7, 512>, Dense<4096>, ReLU>>);
static_assert(cuda::by_cublas<Group<Vector<4096>, Dense<4096>, ReLU, Dropout<50>>>);
static_assert(cuda::by_cublas<Group<Vector<4096>, Dense<1000>>>);
static_assert(cuda::by_cublas<Group<Vector<32768>, Dense<256>, ReLU>>);
static_assert(!cuda::by_cublas<Group<Vector<5408>, Dense<100>, ReLU>>);
static_assert(!cuda::by_cublas<Group<Vector<784>, Dense<512>>>);
static_assert(!cuda::by_cublas<Group<Vector<32768>, Dense<128>>>);
static_assert(!cuda::by_cublas<Group<Vector<4096>, Dense<1001>>>);
static_assert(!cuda::by_cublas<Group<Vector<4097>, Dense<1000>>>);

}  // namespace

BOOST_AUTO_TEST_SUITE(large_dense)

BOOST_AUTO_TEST_CASE(forward_and_gradients) {  // the first layer sees the second one's gradient of its input
  check<Fp32, Mode::training, Input<20>, Dense<28>, Dense<20>>();
  check<Fp32, Mode::training, Input<20>, Dense<28, NoBias>, Dense<20, NoBias>>();
  check<Tf32, Mode::training, Input<7>, Dense<5>>();
}

BOOST_AUTO_TEST_CASE(layers_behind) {
  check<Fp32, Mode::training, Input<20>, Dense<28, ReLU>>();
  check<Fp32, Mode::training, Input<7>, Dense<5, NoBias, ReLU>, Dense<4>>();
  check<Fp32, Mode::training, Input<20>, Dense<28, ReLU>, Dropout<50>, Dense<20, LeakyReLU<25>>>();
  check<Fp32, Mode::training, Input<2, 5, 2>, Flatten, Dense<28, ReLU>, Dropout<50>>();
}

BOOST_AUTO_TEST_CASE(prediction) {
  check_launches(check<Fp32, Mode::inference, Input<20>, Dense<28, ReLU>, Dropout<50>, Dense<20>>(), 0);
  check_launches(check<Fp32, Mode::inference, Input<7>, Dense<5, NoBias>>(), 0);
  check_launches(check<Fp32, Mode::inference, Input<20>, Dense<28, LeakyReLU<25>>>(), 1);
  check_launches(check<Fp32, Mode::inference, Input<20>, Dense<28, LeakyReLU<25>>, ReLU>(), 1);
  check_launches(check<Fp32, Mode::inference, Input<7>, Dense<5, NoBias, ReLU>>(), 1);
}

BOOST_AUTO_TEST_CASE(a_library_without_epilogues, *boost::unit_test::precondition(simt_test::is_simulated)) {
  check_launches(check<Fp32, Mode::training, Input<20>, Dense<28>>(false), 2);  // bias; its gradient
  check_launches(check<Fp32, Mode::training, Input<7>, Dense<5, NoBias>>(false), 0);
  check_launches(check<Fp32, Mode::inference, Input<20>, Dense<28, ReLU>>(false), 1);
}

BOOST_AUTO_TEST_CASE(nan_is_seen_in_training) {
  using Net = NetworkOf<Input<20>, Dense<28, ReLU>>::type;
  Device<Net, Tf32, Mode::training> device;
  Expected<Net, Mode::training> expected(1);
  expected.x.value[5] = std::nan("");
  for (const float y : device.run(expected, 1, false).result) BOOST_TEST(std::isnan(y));
}

BOOST_AUTO_TEST_CASE(recorded_predictions) {
  using Net = NetworkOf<Input<20>, Dense<28, ReLU>>::type;
  const simt::Gpu gpu;
  const cuda::OwnedStream stream;
  cuda::DeviceBuffer<float> arena(static_cast<std::size_t>(Net::parameters.floats), "a test");
  const std::vector<float> ones(arena.size(), 1.0f), samples(3 * 20, 2.0f);
  arena.upload(stream, ones);
  cuda::wait_for(stream, "a test");
  cuda::Prediction<Plan<Net, Mode::inference, Cuda<>>> prediction(stream, arena.data(), 3);
  for (const std::size_t batch : {1u, 2u, 3u}) {
    std::vector<float> outputs(batch * 28);
    prediction.run(std::span(samples).first(batch * 20), outputs.data());
    for (const float y : outputs) BOOST_TEST(y == 41);
  }
}

BOOST_AUTO_TEST_CASE(takes_the_memory_that_it_says, *boost::unit_test::precondition(simt_test::is_simulated)) {
  using Net = NetworkOf<Input<20>, Dense<28, ReLU>, Dense<5>>::type;
  using Steps = Plan<Net, Mode::training, Cuda<>, LossOnLogits>;
  using Training = cuda::Training<Steps, SGD>;
  BOOST_TEST(cuda::Executor<Steps>::bytes(2) > cuda::cublas::workspace_bytes);
  const simt::Gpu gpu;
  const cuda::OwnedStream stream;
  const std::vector<float> values(8 * 20, 0.25f);
  const std::vector<std::int32_t> labels(8, 1);
  const cuda::DeviceDataset<Net::input> data(stream, std::span<const float>(values), labels, {});
  const std::size_t before = gpu.bytes_in_use();
  const SGD sgd{.learning_rate = 0.1};
  Training training(data, sgd, 42, {.batch = 3, .launches = {.steps = 2}});
  training.begin_epoch(0, 0);
  training.run(training.full_steps());
  training.run_last();
  BOOST_TEST(training.tally().steps == 3);
  BOOST_TEST(gpu.bytes_in_use() - before == Training::bytes({.batch = 3}, sgd));
}

BOOST_AUTO_TEST_SUITE_END()
