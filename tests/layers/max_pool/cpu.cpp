// MaxPool on the CPU: windows, strides, borders and channels, at the head of a group and with layers around it.
#include <layers/check_group.hpp>

using namespace strata;
using layer_test::check_group;
using layer_test::check_inference;

BOOST_AUTO_TEST_SUITE(max_pool)

BOOST_AUTO_TEST_CASE(valid) {
  check_group<Image<1, 1, 1>, MaxPool<1>>();
  check_group<Image<2, 2, 1>, MaxPool<2>>();
  check_group<Image<5, 7, 3>, MaxPool<2>>();  // pixels that fill no window
  check_group<Image<6, 4, 16>, MaxPool<2>>();
  check_group<Image<9, 3, 17>, MaxPool<3>>();
  check_group<Image<4, 4, 33>, MaxPool<4>>();
  check_group<Image<5, 5, 2>, MaxPool<2, Stride<3>>>();  // gaps between windows
}

BOOST_AUTO_TEST_CASE(windows_that_overlap) {
  check_group<Image<5, 6, 2>, MaxPool<2, Stride<1>>>();
  check_group<Image<7, 7, 10>, MaxPool<3, Stride<2>>>();
  check_group<Image<6, 5, 1>, MaxPool<5, Stride<1>>>();
}

BOOST_AUTO_TEST_CASE(same) {
  check_group<Image<1, 1, 3>, MaxPool<2, Same>>();
  check_group<Image<5, 7, 3>, MaxPool<2, Same>>();
  check_group<Image<7, 5, 2>, MaxPool<3, Same, Stride<2>>>();
  check_group<Image<4, 5, 17>, MaxPool<3, Same, Stride<1>>>();
  check_group<Image<2, 3, 2>, MaxPool<5, Same>>();
}

BOOST_AUTO_TEST_CASE(padded_by_numbers) {
  check_group<Image<4, 5, 3>, MaxPool<3, Pad<1>, Stride<2>>>();
  check_group<Image<5, 4, 2>, MaxPool<kernel<3, 4>, Pad<0, 2, 3, 1>, Stride<1>>>();
}

BOOST_AUTO_TEST_CASE(windows_that_are_not_square) {
  check_group<Image<6, 7, 3>, MaxPool<kernel<1, 3>, Stride<2>>>();
  check_group<Image<6, 7, 3>, MaxPool<kernel<3, 2>, Stride<2>, Same>>();
}

BOOST_AUTO_TEST_CASE(more_than_256_pixels) {  // whose indices are wider
  check_group<Image<17, 17, 2>, MaxPool<17>>();
  check_group<Image<18, 20, 1>, MaxPool<kernel<16, 17>, Stride<1>>>();
}

BOOST_AUTO_TEST_CASE(nan_is_seen) {
  using Group = GroupSpec<Cpu<>, Mode::inference, Image<2, 2, 1>, MaxPool<2>>;
  for (int at = 0; at < 4; ++at) {
    alignas(64) float in[32] = {3, 1, 2, 4}, out[32] = {};
    alignas(64) std::byte scratch[256];
    in[at] = std::nanf("");
    cpu::GroupArgs args;
    args.pool = &layer_test::pool_for(1);
    args.batch = 1;
    args.input = in;
    args.output = out;
    args.thread_scratch = scratch;
    cpu::kernel_of<Group>::type::forward<Group>(args);
    BOOST_TEST(std::isnan(out[0]));
  }
}

BOOST_AUTO_TEST_CASE(with_layers_around_it) {
  check_group<Image<6, 7, 3>, ReLU, MaxPool<2>>();
  check_group<Image<6, 7, 3>, LeakyReLU<25>, MaxPool<2>, ReLU>();
  check_group<Image<6, 7, 3>, MaxPool<2>, Dropout<50>>();
  check_group<Image<6, 7, 18>, Dropout<50>, MaxPool<2>, LeakyReLU<50>>();
  check_group<Image<6, 7, 3>, MaxPool<2>, Flatten, Dropout<50>, ReLU>();
}

BOOST_AUTO_TEST_CASE(inference) {
  check_inference<Image<5, 7, 3>, MaxPool<3, Same, Stride<2>>>();
  check_inference<Image<5, 7, 3>, BatchNorm<>, MaxPool<2>, BatchNorm<>>();
}

BOOST_AUTO_TEST_SUITE_END()
