// AvgPool on the CPU: windows, strides, borders and channels, at the head of a group and with layers around it.
#include <layers/check_group.hpp>

using namespace strata;
using layer_test::check_group;
using layer_test::check_inference;

BOOST_AUTO_TEST_SUITE(avg_pool)

BOOST_AUTO_TEST_CASE(valid) {
  check_group<Image<1, 1, 1>, AvgPool<1>>();
  check_group<Image<2, 2, 1>, AvgPool<2>>();
  check_group<Image<5, 7, 3>, AvgPool<2>>();  // pixels that fill no window
  check_group<Image<6, 4, 16>, AvgPool<2>>();
  check_group<Image<9, 3, 17>, AvgPool<3>>();
  check_group<Image<4, 4, 33>, AvgPool<4>>();
  check_group<Image<5, 5, 2>, AvgPool<2, Stride<3>>>();  // gaps between windows
}

BOOST_AUTO_TEST_CASE(windows_that_overlap) {
  check_group<Image<5, 6, 2>, AvgPool<2, Stride<1>>>();
  check_group<Image<7, 7, 10>, AvgPool<3, Stride<2>>>();
  check_group<Image<6, 5, 1>, AvgPool<5, Stride<1>>>();
}

BOOST_AUTO_TEST_CASE(same) {
  check_group<Image<1, 1, 3>, AvgPool<2, Same>>();
  check_group<Image<5, 7, 3>, AvgPool<2, Same>>();
  check_group<Image<7, 5, 2>, AvgPool<3, Same, Stride<2>>>();
  check_group<Image<4, 5, 17>, AvgPool<3, Same, Stride<1>>>();
  check_group<Image<2, 3, 2>, AvgPool<5, Same>>();
}

BOOST_AUTO_TEST_CASE(padded_by_numbers) {
  check_group<Image<4, 5, 3>, AvgPool<3, Pad<1>, Stride<2>>>();
  check_group<Image<5, 4, 2>, AvgPool<kernel<3, 4>, Pad<0, 2, 3, 1>, Stride<1>>>();
}

BOOST_AUTO_TEST_CASE(windows_that_are_not_square) {
  check_group<Image<6, 7, 3>, AvgPool<kernel<1, 3>, Stride<2>>>();
  check_group<Image<6, 7, 3>, AvgPool<kernel<3, 2>, Stride<2>, Same>>();
}

BOOST_AUTO_TEST_CASE(with_layers_around_it) {
  check_group<Image<6, 7, 3>, ReLU, AvgPool<2>>();
  check_group<Image<6, 7, 3>, LeakyReLU<25>, AvgPool<2>, ReLU>();
  check_group<Image<6, 7, 3>, AvgPool<2>, Dropout<50>>();
  check_group<Image<6, 7, 18>, Dropout<50>, AvgPool<2>, LeakyReLU<50>>();
  check_group<Image<6, 7, 3>, AvgPool<2>, Flatten, Dropout<50>, ReLU>();
}

BOOST_AUTO_TEST_CASE(inference) {
  check_inference<Image<5, 7, 3>, AvgPool<3, Same, Stride<2>>>();
  check_inference<Image<5, 7, 3>, BatchNorm<>, AvgPool<2>, BatchNorm<>>();
}

BOOST_AUTO_TEST_SUITE_END()
