// BatchNorm on the CPU: statistics of the batch, running averages, and the affine map of inference.
#include <layers/check_group.hpp>

using namespace strata;
using layer_test::check_group;
using layer_test::check_inference;

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
