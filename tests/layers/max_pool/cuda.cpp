// MaxPool on a GPU: windows, strides, borders and channels, at the head of a group and with layers around it.
#include <layers/cuda_run.hpp>

using namespace strata;
using layer_test::check_cuda_group;
using layer_test::check_cuda_inference;
using layer_test::check_cuda_traffic;

BOOST_AUTO_TEST_SUITE(max_pool_on_a_gpu)

BOOST_AUTO_TEST_CASE(valid) {
  check_cuda_group<Image<1, 1, 1>, MaxPool<1>>();
  check_cuda_group<Image<5, 7, 3>, MaxPool<2>>();  // pixels that fill no window
  check_cuda_group<Image<6, 4, 16>, MaxPool<2>>();
  check_cuda_group<Image<9, 3, 10>, MaxPool<3>>();
  check_cuda_group<Image<4, 4, 33>, MaxPool<4>>();
  check_cuda_group<Image<8, 8, 4>, MaxPool<2, Stride<3>>>();  // gaps between windows
}

BOOST_AUTO_TEST_CASE(windows_that_overlap) {
  check_cuda_group<Image<5, 6, 2>, MaxPool<2, Stride<1>>>();
  check_cuda_group<Image<7, 7, 12>, MaxPool<3, Stride<2>>>();
  check_cuda_group<Image<6, 5, 1>, MaxPool<5, Stride<1>>>();
}

BOOST_AUTO_TEST_CASE(same) {
  check_cuda_group<Image<1, 1, 3>, MaxPool<2, Same>>();
  check_cuda_group<Image<5, 7, 3>, MaxPool<2, Same>>();
  check_cuda_group<Image<7, 5, 4>, MaxPool<3, Same, Stride<2>>>();
  check_cuda_group<Image<4, 5, 17>, MaxPool<3, Same, Stride<1>>>();
  check_cuda_group<Image<5, 7, 4>, MaxPool<3, Same>>();  // padded in front, and none overlaps
  check_cuda_group<Image<2, 3, 2>, MaxPool<5, Same>>();
}

BOOST_AUTO_TEST_CASE(padded_by_numbers) {
  check_cuda_group<Image<4, 5, 3>, MaxPool<3, Pad<1>, Stride<2>>>();
  check_cuda_group<Image<5, 4, 2>, MaxPool<kernel<3, 4>, Pad<0, 2, 3, 1>, Stride<1>>>();
}

BOOST_AUTO_TEST_CASE(windows_that_are_not_square) {
  check_cuda_group<Image<6, 7, 3>, MaxPool<kernel<1, 3>, Stride<2>>>();
  check_cuda_group<Image<6, 7, 4>, MaxPool<kernel<3, 2>, Stride<2>, Same>>();
}

BOOST_AUTO_TEST_CASE(nan_is_seen) {
  using Group = GroupSpec<Cuda<>, Mode::training, Image<2, 2, 1>, MaxPool<2>>;
  const layer_test::CudaGroup group = layer_test::group_values<Group>::make();
  for (std::size_t at = 0; at < 4; ++at) {
    layer_test::CudaRun run(group, 1);
    reference::Tensor x(1, 2, 2, 1);
    for (std::size_t i = 0; i < 4; ++i) x.set(i, i == at ? std::nan("") : static_cast<double>(i));
    run.set_input(x);
    run.forward(true);
    BOOST_TEST(std::isnan(run.output()[0]));
  }
}

BOOST_AUTO_TEST_CASE(the_first_of_equal_values_wins) {
  using Group = GroupSpec<Cuda<>, Mode::training, Image<3, 3, 4>, MaxPool<2, Stride<1>>>;
  const layer_test::CudaGroup group = layer_test::group_values<Group>::make();
  layer_test::CudaRun run(group, 1);
  reference::Tensor x(1, 3, 3, 4), dy(1, 2, 2, 4);
  for (std::size_t i = 0; i < x.size(); ++i) x.set(i, -std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < dy.size(); ++i) dy.set(i, 1);
  run.set_input(x);
  run.forward(true);
  run.backward(dy, true);
  const std::vector<float> dx = run.input_gradient();
  for (std::size_t i = 0; i < dx.size(); ++i) BOOST_TEST(dx[i] == (i / 4 % 3 < 2 && i / 12 < 2 ? 1 : 0));
}

BOOST_AUTO_TEST_CASE(more_than_256_pixels) {  // whose indices are wider
  check_cuda_group<Image<17, 17, 2>, MaxPool<17>>();
  check_cuda_group<Image<18, 20, 1>, MaxPool<kernel<16, 17>, Stride<1>>>({1});
}

BOOST_AUTO_TEST_CASE(with_layers_around_it) {
  check_cuda_group<Image<6, 7, 3>, ReLU, MaxPool<2>>();
  check_cuda_group<Image<6, 7, 4>, LeakyReLU<25>, MaxPool<2>, ReLU>();
  check_cuda_group<Image<6, 7, 3>, MaxPool<2>, Dropout<50>>();
  check_cuda_group<Image<6, 7, 20>, Dropout<50>, MaxPool<2>, LeakyReLU<50>>();
  check_cuda_group<Image<6, 7, 20>, ReLU, Dropout<50>, MaxPool<3, Stride<2>>, LeakyReLU<50>, Dropout<50>>();
  check_cuda_group<Image<9, 9, 4>, ReLU, MaxPool<2, Stride<3>>>();
  check_cuda_group<Image<6, 7, 3>, MaxPool<2>, Flatten, Dropout<50>, ReLU>();
}

BOOST_AUTO_TEST_CASE(inference) {
  check_cuda_inference<Image<5, 7, 3>, MaxPool<3, Same, Stride<2>>>();
  check_cuda_inference<Image<5, 7, 3>, BatchNorm<>, MaxPool<2>, BatchNorm<>>();
  check_cuda_inference<Image<6, 6, 8>, ReLU, MaxPool<2>, Dropout<20>>();
}

BOOST_AUTO_TEST_CASE(moves_no_more_than_it_must, *boost::unit_test::precondition(simt_test::sees_accesses)) {
  check_cuda_traffic<Image<26, 26, 32>, MaxPool<2>, Flatten>();                     // R1
  check_cuda_traffic<Image<26, 26, 64>, LeakyReLU<8>, MaxPool<2>, Dropout<20>>(1);  // R5
  check_cuda_traffic<Image<11, 11, 128>, LeakyReLU<8>, MaxPool<2>, Dropout<20>>(1);
  check_cuda_traffic<Image<11, 11, 64>, ReLU, MaxPool<2>, Flatten>();    // R6
  check_cuda_traffic<Image<12, 12, 64>, MaxPool<3, Same, Stride<2>>>();  // overlapping
}

BOOST_AUTO_TEST_SUITE_END()
