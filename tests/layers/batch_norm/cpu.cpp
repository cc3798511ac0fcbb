// BatchNorm on the CPU: statistics of the batch, running averages, and the affine map of inference.
#include <layers/check_group.hpp>

using namespace strata;
using layer_test::check_group;
using layer_test::check_inference;

namespace {

/// Batches of one to forty samples.
template <class In, class... Layers>
void check_batches() {
  check_group<In, Layers...>({2, 3, 4, 5, 7, 15, 16, 17, 31, 32, 33, 40});
}

/// A vector and an image of each number of channels, small batches and large.
template <int... Channels>
void check_channels(std::integer_sequence<int, Channels...>) {
  (check_group<Vector<Channels>, BatchNorm<>>({2, 17, 40}), ...);
  (check_group<Image<3, 2, Channels>, BatchNorm<>, LeakyReLU<8>>({1, 7}), ...);
}

#if defined(STRATA_FULL_GRIDS)
template <int N>
constexpr auto one_to() {
  return []<int... I>(std::integer_sequence<int, I...>) { return std::integer_sequence<int, (I + 1)...>{}; }
  (std::make_integer_sequence<int, N>{});
}
#endif

/// What a step leaves on some number of threads.
template <class In, class... Layers>
std::vector<std::vector<float>> step_on(int threads, int batch) {
  using Group = GroupSpec<Cpu<>, Mode::training, In, Layers...>;
  const layer_test::Group group = layer_test::group_values<Group>::make();
  cpu::Pool pool(threads);
  layer_test::GroupRun run(group, batch, pool);
  layer_test::Source source(5);
  reference::Tensor x = layer_test::batch_of(group.shapes.front(), batch);
  reference::Tensor dy = layer_test::batch_of(group.shapes.back(), batch);
  source.fill(x, layer_test::Numbers::real);
  source.fill(dy, layer_test::Numbers::real);
  for (std::size_t t = 0; t < 4; ++t) {
    reference::Tensor p(1, 1, 1, static_cast<int>(group.tensors[t].size()));
    source.fill_parameter(p, group.tensors[t].name, layer_test::Numbers::real);
    run.set_parameter(t, p);
  }
  run.set_input(x);
  run.forward(true);
  run.backward(dy, true);
  return {run.output(), run.input_gradient(), run.gradient(0), run.gradient(1), run.parameter(2), run.parameter(3)};
}

template <class In, class... Layers>
void check_threads(int batch) {
  const auto one = step_on<In, Layers...>(1, batch);
  for (const int threads : {2, 3, 7}) {
    const auto more = step_on<In, Layers...>(threads, batch);
    for (std::size_t i = 0; i < one.size(); ++i)
      BOOST_TEST(layer_test::same_bits(one[i], more[i]), threads << " threads, result " << i);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(batch_norm)

BOOST_AUTO_TEST_CASE(training) {
  check_group<Image<1, 1, 1>, BatchNorm<>>({1, 2, 5});
  check_group<Image<4, 5, 3>, BatchNorm<>>();
  check_group<Image<3, 3, 16>, BatchNorm<>>();
  check_group<Image<5, 2, 17>, BatchNorm<>>({1, 4});
  check_group<Image<2, 1, 33>, BatchNorm<>>();
  check_group<Vector<1>, BatchNorm<>>({2, 9});
  check_group<Vector<10>, BatchNorm<>>({2, 9});
  check_group<Vector<100>, BatchNorm<>>({1, 6});
}

BOOST_AUTO_TEST_CASE(batches) {
  check_batches<Vector<5>, BatchNorm<>>();
  check_batches<Vector<33>, BatchNorm<>, ReLU, Dropout<20>>();
  check_batches<Image<3, 7, 19>, BatchNorm<>>();  // pixels that fill no chunk
}

BOOST_AUTO_TEST_CASE(channels) {
#if defined(STRATA_FULL_GRIDS)
  check_channels(one_to<40>());
#else
  check_channels(std::integer_sequence<int, 1, 7, 16, 17, 40>{});
#endif
}

BOOST_AUTO_TEST_CASE(blocks_of_channels) {  // wider than one, the last one partial
  check_group<Vector<128>, BatchNorm<>>({5});
  check_group<Vector<300>, BatchNorm<>, ReLU, Dropout<50>>({2, 21});
  check_group<Image<2, 2, 270>, BatchNorm<>, Dropout<50>>({3});
  check_group<Image<1, 1, 140>, BatchNorm<>, Flatten, ReLU>({6});
  check_group<Image<1, 1, 140>, BatchNorm<>, MaxPool<1>>({6});
}

// A mean far from zero, and samples far from each other, leave the variance its digits.
BOOST_AUTO_TEST_CASE(variance_about_a_large_mean) {
  using Group = GroupSpec<Cpu<>, Mode::training, Image<8, 5, 2>, BatchNorm<Momentum<0>>>;
  const layer_test::Group group = layer_test::group_values<Group>::make();
  for (const double apart : {0.0, 50.0}) {
    layer_test::GroupRun run(group, 6, layer_test::pool_for(2));
    reference::BatchNorm expected(2, true, 0, 0.001);
    layer_test::Source source(3);
    reference::Tensor x(6, 8, 5, 2);
    for (std::size_t i = 0; i < x.size(); ++i)
      x.set(i, static_cast<double>(static_cast<float>(1000 + apart * static_cast<double>(i / 80) +
                                                      static_cast<double>(source.real()))));
    for (std::size_t t = 0; t < 4; ++t) {
      for (std::size_t c = 0; c < 2; ++c) expected.parameters[t].set(c, 1);
      run.set_parameter(t, expected.parameters[t]);
    }
    run.set_input(x);
    run.forward(true);
    expected.forward(x);
    for (std::size_t c = 0; c < 2; ++c) {
      const double variance = expected.parameters[3].value[c];
      BOOST_TEST(std::abs(static_cast<double>(run.parameter(3)[c]) - variance) < 2e-7 * variance,
                 run.parameter(3)[c] << " instead of " << variance);
    }
  }
}

BOOST_AUTO_TEST_CASE(threads_do_not_show) {
  check_threads<Vector<300>, BatchNorm<>, ReLU, Dropout<20>>(37);
  check_threads<Image<5, 6, 140>, BatchNorm<>, ReLU>(9);
  check_threads<Image<6, 6, 19>, BatchNorm<>, ReLU, MaxPool<2>, Dropout<20>>(5);
}

BOOST_AUTO_TEST_CASE(options) {
  check_group<Image<4, 5, 3>, BatchNorm<Momentum<90>>>();
  check_group<Image<4, 5, 3>, BatchNorm<Epsilon<1, 10>, Momentum<0>>>();
}

BOOST_AUTO_TEST_CASE(training_fused) {
  check_group<Vector<20>, BatchNorm<>, ReLU, Dropout<20>>({4, 7});
  check_group<Image<5, 6, 3>, BatchNorm<>, ReLU, MaxPool<2>>();
  check_group<Image<5, 6, 18>, BatchNorm<>, LeakyReLU<8>, AvgPool<2, Same>, Dropout<20>>();
  check_group<Image<5, 6, 3>, Flatten, BatchNorm<>, LeakyReLU<8>>({4, 7});
  check_group<Image<5, 6, 3>, BatchNorm<>, Dropout<20>, MaxPool<2>, Flatten, ReLU>();
  check_group<Image<5, 6, 3>, BatchNorm<>, MaxPool<3, Stride<2>>>();
}

BOOST_AUTO_TEST_CASE(inference) {
  check_inference<Image<4, 5, 3>, BatchNorm<>>();
  check_inference<Image<4, 5, 17>, BatchNorm<Epsilon<1, 10>>>();
  check_inference<Vector<37>, BatchNorm<>>();
  check_inference<Image<4, 5, 3>, Flatten, BatchNorm<>>();
  check_inference<Image<4, 5, 3>, BatchNorm<>, ReLU, MaxPool<2>, BatchNorm<>, Flatten, BatchNorm<>>();
}

BOOST_AUTO_TEST_CASE(a_channel_without_variance) {  // divides by the root of epsilon alone, and is no NaN
  using Group = GroupSpec<Cpu<>, Mode::training, Vector<2>, BatchNorm<>>;
  const layer_test::Group group = layer_test::group_values<Group>::make();
  layer_test::GroupRun run(group, 3, layer_test::pool_for(1));
  reference::BatchNorm expected(2, true, 0.99, 0.001);
  reference::Tensor x(3, 1, 1, 2);
  for (std::size_t i = 0; i < x.size(); ++i) x.set(i, 4);
  for (std::size_t t = 0; t < 4; ++t) {
    for (std::size_t c = 0; c < 2; ++c) expected.parameters[t].set(c, static_cast<double>(t + 1));
    run.set_parameter(t, expected.parameters[t]);
  }
  run.set_input(x);
  run.forward(true);
  for (const float y : run.output()) BOOST_TEST(y == 2);
}

BOOST_AUTO_TEST_SUITE_END()
