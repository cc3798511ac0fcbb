// What runs around a producer, by one that does nothing but double: where it writes, what finishes its group, and where
// the gradient of its values comes from.
#include <layers/cuda_run.hpp>

using namespace strata;
using layer_test::check_cuda_group;
using layer_test::check_cuda_inference;

namespace {

/// y = 2 x.
struct Twice : ProducerLayer {
  static constexpr const char* name = "twice";
  static constexpr Saves saves = Saves::nothing;
  static constexpr Verdict output(Shape in) { return in; }
};

struct TwiceReference : reference::Layer {
  reference::Tensor forward(const reference::Tensor& x) override {
    reference::Tensor y = x.like();
    for (std::size_t i = 0; i < x.size(); ++i) y.add(i, x, i, 2);
    return y;
  }
  reference::Tensor backward(const reference::Tensor& dy) override { return forward(dy); }
};

template <class G>
struct TwiceSpec {
  using group = G;
  using In = cuda::Value<G, G::producer>;
};

/// One thread a value, and the layers before the pooling on it while it is in a register.
template <class S>
__global__ void twice_kernel(cuda::ChainArgs<typename S::group> a, const float* in, float* out) {
  const unsigned sample = cuda::block_index().y;
  const auto index = static_cast<int>(cuda::block_index().x * 32 + cuda::thread_index().x);
  if (index >= S::In::size) return;
  const std::int64_t at = sample * S::In::stride + index;
  out[at] = cuda::BeforeReduction<typename S::group>::forward(a, sample, index, 2 * in[at]);
}

template <class S>
__global__ void twice_backward_kernel(const float* dy, float* dx) {
  const auto index = static_cast<int>(cuda::block_index().x * 32 + cuda::thread_index().x);
  if (index >= S::In::size) return;
  const std::int64_t at = cuda::block_index().y * S::In::stride + index;
  dx[at] = 2 * dy[at];
}

}  // namespace

template <>
struct layer_test::reference_of<Twice> {
  static std::unique_ptr<reference::Layer> make(Shape, const Position&) { return std::make_unique<TwiceReference>(); }
  static constexpr bool is_exact = true;
};

template <>
struct strata::cuda::kernel<Twice> {
  template <class G>
  static constexpr Requirements requirements() {
    return around_producer<G>();
  }

  template <class G>
  static void forward(const GroupArgs& a) {
    launch<twice_kernel<TwiceSpec<G>>>(over_values<G>(a), ChainArgs<G>(a), a.input, produced<G>(a));
    finish<G>(a);
  }

  template <class G, bool InputGradient>
  static void backward(const GroupArgs& a) {
    backward_to_produced<G>(a);
    if constexpr (InputGradient)
      launch<twice_backward_kernel<TwiceSpec<G>>>(over_values<G>(a), produced_gradient<G>(a), a.input_gradient);
  }

 private:
  template <class G>
  static Launch over_values(const GroupArgs& a) {
    return {.grid = {static_cast<unsigned>(G::produced.size() + 31) / 32, static_cast<unsigned>(a.batch)},
            .block = {32},
            .stream = a.stream};
  }
};

BOOST_AUTO_TEST_SUITE(passes)

BOOST_AUTO_TEST_CASE(nothing_around) {
  check_cuda_group<Image<3, 5, 2>, Twice>();
  check_cuda_group<Image<3, 5, 2>, Twice, Flatten>();
}

BOOST_AUTO_TEST_CASE(elementwise_layers_behind) {
  check_cuda_group<Image<3, 5, 4>, Twice, ReLU>();
  check_cuda_group<Vector<33>, Twice, LeakyReLU<25>, Dropout<50>>();
}

BOOST_AUTO_TEST_CASE(pooling_behind) {
  check_cuda_group<Image<5, 6, 4>, Twice, MaxPool<2>>();
  check_cuda_group<Image<5, 6, 4>, Twice, ReLU, MaxPool<2>, Flatten, Dropout<50>>();
  check_cuda_group<Image<5, 6, 3>, Twice, MaxPool<2>, ReLU>();
  check_cuda_group<Image<8, 6, 20>, Twice, Dropout<50>, MaxPool<2>, ReLU>();
  check_cuda_group<Image<8, 6, 10>, Twice, LeakyReLU<25>, AvgPool<2, Stride<1>>, Dropout<50>>();
  check_cuda_group<Image<7, 6, 4>, Twice, ReLU, MaxPool<3, Stride<2>, Same>, ReLU>();
}

BOOST_AUTO_TEST_CASE(bounds_of_a_precision) {
  layer_test::check_cuda_products<Tf32, Image<5, 6, 4>, Twice, ReLU, MaxPool<2>>();
  layer_test::check_cuda_products<Fp32, Image<5, 6, 4>, Twice, ReLU>();
  BOOST_TEST(reference::precision == 0x1p-21, "bounds outlive their test");
}

BOOST_AUTO_TEST_CASE(inference) {
  check_cuda_inference<Image<5, 6, 4>, Twice, ReLU, MaxPool<2>, Flatten>();
  check_cuda_inference<Image<5, 6, 4>, Twice, BatchNorm<>, ReLU>();
}

BOOST_AUTO_TEST_CASE(launches_nothing_that_nobody_needs) {
  using Alone = GroupSpec<Cuda<>, Mode::training, Vector<8>, Twice>;
  static_assert(cuda::around_producer<Alone>().backward_per_sample == 0);
  cuda::GroupArgs a;  // no memory: a launch would fault
  a.batch = 1;
  const std::uint64_t before = simt::threads_run();
  cuda::finish<Alone>(a);
  cuda::backward_to_produced<Alone>(a);
  BOOST_TEST(simt::threads_run() == before);
}

BOOST_AUTO_TEST_SUITE_END()
