// BatchNorm on a GPU: statistics of the batch, running averages, and the affine map of inference.
#include <layers/cuda_run.hpp>

using namespace strata;
using layer_test::check_cuda_group;
using layer_test::check_cuda_inference;
using layer_test::check_cuda_traffic;

BOOST_AUTO_TEST_SUITE(batch_norm_on_a_gpu)

BOOST_AUTO_TEST_CASE(images) {
  check_cuda_group<Image<1, 1, 1>, BatchNorm<>, MaxPool<1>>({2, 5});
  check_cuda_group<Image<4, 5, 3>, BatchNorm<>>();
  check_cuda_group<Image<3, 3, 16>, BatchNorm<>>({4});
  check_cuda_group<Image<5, 2, 33>, BatchNorm<>>({1, 4});
  check_cuda_group<Image<2, 1, 140>, BatchNorm<>, Dropout<50>>({3});  // more than a block's channels
}

BOOST_AUTO_TEST_CASE(several_blocks_of_rows) {
  check_cuda_group<Image<31, 33, 1>, BatchNorm<>>({3});
  check_cuda_group<Image<12, 13, 10>, BatchNorm<>, LeakyReLU<8>>({3});
  check_cuda_group<Image<9, 8, 64>, BatchNorm<>>({2});
}

BOOST_AUTO_TEST_CASE(vectors) {
  check_cuda_group<Vector<1>, BatchNorm<>>({2, 9});
  check_cuda_group<Vector<10>, BatchNorm<>>({1, 3, 40});
  check_cuda_group<Vector<33>, BatchNorm<>, ReLU, Dropout<20>>({17, 300});  // more rows than a step takes
  check_cuda_group<Image<5, 6, 3>, Flatten, BatchNorm<>, LeakyReLU<8>>({7});
  check_cuda_group<Image<1, 1, 14>, BatchNorm<>, Flatten, ReLU>({6});
}

// A mean far from zero, and samples far from each other, leave the variance its digits.
template <class In>
void check_variance(int batch) {
  using Group = GroupSpec<Cuda<>, Mode::training, In, BatchNorm<Momentum<0>>>;
  const layer_test::CudaGroup group = layer_test::group_values<Group>::make();
  for (const double apart : {0.0, 50.0}) {
    layer_test::CudaRun run(group, batch);
    reference::BatchNorm expected(2, true, 0, 0.001);
    layer_test::Source source(3);
    reference::Tensor x = layer_test::batch_of(In::shape, batch);
    const std::size_t size = x.size() / static_cast<std::size_t>(batch);
    for (std::size_t i = 0; i < x.size(); ++i)
      x.set(i, static_cast<double>(static_cast<float>(1000 + apart * static_cast<double>(i / size) +
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

BOOST_AUTO_TEST_CASE(variance_about_a_large_mean) {
  check_variance<Image<18, 35, 2>>(6);
  check_variance<Vector<2>>(300);
}

BOOST_AUTO_TEST_CASE(a_channel_without_variance) {  // divides by the root of epsilon alone, and is no NaN
  using Group = GroupSpec<Cuda<>, Mode::training, Vector<2>, BatchNorm<>>;
  const layer_test::CudaGroup group = layer_test::group_values<Group>::make();
  layer_test::CudaRun run(group, 3);
  reference::Tensor x(3, 1, 1, 2);
  for (std::size_t i = 0; i < x.size(); ++i) x.set(i, 4);
  for (std::size_t t = 0; t < 4; ++t) {
    reference::Tensor p(1, 1, 1, 2);
    for (std::size_t c = 0; c < 2; ++c) p.set(c, static_cast<double>(t + 1));
    run.set_parameter(t, p);
  }
  run.set_input(x);
  run.forward(true);
  for (const float y : run.output()) BOOST_TEST(y == 2);
}

BOOST_AUTO_TEST_CASE(options) {
  check_cuda_group<Image<4, 5, 3>, BatchNorm<Momentum<90>>>();
  check_cuda_group<Vector<4>, BatchNorm<Epsilon<1, 10>, Momentum<0>>>({5});
}

BOOST_AUTO_TEST_CASE(fused) {
  check_cuda_group<Image<5, 6, 3>, BatchNorm<>, ReLU, MaxPool<2>>();
  check_cuda_group<Image<5, 6, 20>, BatchNorm<>, LeakyReLU<8>, AvgPool<2, Same>, Dropout<20>>();
  check_cuda_group<Image<5, 6, 3>, BatchNorm<>, Dropout<20>, MaxPool<2>, Flatten, ReLU>();
  check_cuda_group<Image<5, 6, 4>, BatchNorm<>, MaxPool<3, Stride<2>>>();
}

BOOST_AUTO_TEST_CASE(inference) {
  check_cuda_inference<Image<4, 5, 3>, BatchNorm<>>();
  check_cuda_inference<Image<4, 5, 17>, BatchNorm<Epsilon<1, 10>>>();
  check_cuda_inference<Vector<37>, BatchNorm<>>();
  check_cuda_inference<Image<4, 5, 3>, BatchNorm<>, ReLU, MaxPool<2>, BatchNorm<>, Flatten, BatchNorm<>>();
}

BOOST_AUTO_TEST_CASE(moves_no_more_than_it_must, *boost::unit_test::precondition(simt_test::sees_accesses)) {
  check_cuda_traffic<Vector<3200>, BatchNorm<>>(8);  // R5
  check_cuda_traffic<Vector<128>, BatchNorm<>, ReLU, Dropout<20>>(64);
  check_cuda_traffic<Image<26, 26, 64>, BatchNorm<>, ReLU>(1);
  check_cuda_traffic<Image<8, 8, 128>, BatchNorm<>, ReLU, MaxPool<2>>(2);
}

BOOST_AUTO_TEST_SUITE_END()
