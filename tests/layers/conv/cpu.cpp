// Conv on the CPU: every shape of image, kernel, stride and padding that ends a loop in another place.
#include <layers/check_group.hpp>

using namespace strata;
using layer_test::check_group;
using layer_test::check_inference;

BOOST_AUTO_TEST_SUITE(conv)

BOOST_AUTO_TEST_CASE(valid) {
  check_group<Image<1, 1, 1>, Conv<1, 1>>();
  check_group<Image<4, 9, 3>, Conv<10, 1>>();
  check_group<Image<2, 2, 2>, Conv<3, 2>>();
  check_group<Image<6, 5, 1>, Conv<2, 3>>({1, 3, 11});
  check_group<Image<5, 7, 3>, Conv<16, 3>>();
  check_group<Image<5, 5, 2>, Conv<1, 5>>();
  check_group<Image<28, 28, 1>, Conv<28, 3>>({1, 2});
  check_group<Image<4, 4, 33>, Conv<64, 3>>({2});
  check_group<Image<3, 5, 64>, Conv<33, 2>>({2});
}

BOOST_AUTO_TEST_CASE(same) {
  check_group<Image<1, 1, 1>, Conv<1, 3, Same>>();
  check_group<Image<1, 1, 17>, Conv<3, 5, Same>>();
  check_group<Image<6, 5, 2>, Conv<10, 2, Same>>();
  check_group<Image<5, 7, 3>, Conv<16, 3, Same>>({1, 3, 11});
  check_group<Image<8, 3, 10>, Conv<17, 5, Same>>();
}

BOOST_AUTO_TEST_CASE(strides) {
  check_group<Image<7, 8, 3>, Conv<5, 3, Stride<2>>>();
  check_group<Image<8, 7, 2>, Conv<16, 3, Stride<2>, Same>>();
  check_group<Image<7, 9, 1>, Conv<17, 2, Stride<3>>>();
  check_group<Image<9, 7, 3>, Conv<3, 5, Same, Stride<3>>>();
  check_group<Image<5, 6, 4>, Conv<3, 1, Stride<2>>>();
  check_group<Image<5, 6, 4>, Conv<3, 1, Stride<3>, Same>>();
  check_group<Image<1, 2, 2>, Conv<3, 5, Same, Stride<2>>>();  // taps that lie behind the image for every pixel
  check_group<Image<2, 1, 2>, Conv<3, 5, Same, Stride<3>>>();
}

BOOST_AUTO_TEST_CASE(padded_by_numbers) {
  check_group<Image<5, 7, 3>, Conv<16, 3, Pad<1>>>();
  check_group<Image<3, 8, 2>, Conv<10, kernel<2, 5>, Pad<1, 4>, Stride<2>>>();
  check_group<Image<2, 4, 17>, Conv<3, kernel<4, 3>, Pad<3, 0, 0, 2>>, ReLU, MaxPool<2>>();
}

BOOST_AUTO_TEST_CASE(kernels_that_are_not_square) {
  check_group<Image<6, 8, 3>, Conv<10, kernel<3, 5>>>();
  check_group<Image<8, 6, 1>, Conv<3, kernel<5, 3>, Same, Stride<2>>>();
  check_group<Image<4, 9, 2>, Conv<33, kernel<1, 3>, Same>>();
  check_group<Image<4, 1, 16>, Conv<16, kernel<4, 1>>>();  // one row of output
}

BOOST_AUTO_TEST_CASE(without_a_bias) {
  check_group<Image<5, 5, 2>, Conv<7, 3, NoBias>>();
  check_group<Image<5, 5, 9>, Conv<7, 3, Same, NoBias, Stride<2>>>();
}

BOOST_AUTO_TEST_CASE(inference) {
  check_inference<Image<5, 7, 3>, Conv<16, 3, Same>>();
  check_inference<Image<6, 5, 1>, Conv<3, 3>>();
}

BOOST_AUTO_TEST_CASE(large_images_go_by_in_bands) {
  check_group<Image<30, 41, 3>, Conv<40, 3, Same>>({2});
  check_group<Image<70, 75, 2>, Conv<9, 3>, ReLU, MaxPool<2>>({1, 2});
}

BOOST_AUTO_TEST_CASE(large_kernels_are_packed) {
  check_group<Image<5, 6, 70>, Conv<170, 3, Same>>({2});
  check_group<Image<7, 5, 170>, Conv<70, 3, Stride<2>>>({3});
  check_inference<Image<5, 6, 70>, Conv<170, 3, Same>, ReLU, MaxPool<2, Same>>({1, 2});
}

#if STRATA_FULL_GRIDS
BOOST_AUTO_TEST_CASE(more_shapes) {
  check_group<Image<3, 40, 1>, Conv<3, 3>>();
  check_group<Image<7, 5, 10>, Conv<17, 3>>();
  check_group<Image<9, 6, 1>, Conv<10, 5>>({1, 9});
  check_group<Image<1, 33, 1>, Conv<2, 3, Same>>();
  check_group<Image<4, 4, 28>, Conv<28, 3, Same>>({2});
  check_group<Image<5, 6, 3>, Conv<3, 1, Same>>();
  check_group<Image<9, 2, 2>, Conv<5, kernel<3, 1>>>();
}

// Every channel count with every filter count, and every size with every kernel, stride and padding, each in turn.
template <int I>
void check_one() {
  constexpr int extents[] = {1, 2, 3, 4, 5, 7, 9, 16, 20}, counts[] = {1, 2, 3, 10, 16, 17, 28, 33, 64};
  constexpr KernelSize kernels[] = {{1, 1}, {2, 2}, {3, 3}, {5, 5}, {3, 5}, {5, 1}, {4, 3}};
  constexpr int height = extents[I % 9], width = extents[(I / 9 + I) % 9];
  constexpr int channels = counts[I % 9], filters = counts[I / 9 % 9];
  constexpr KernelSize size = kernels[I % 7];
  constexpr bool same = I % 2 == 0 || size.height > height || size.width > width;
  using Valid = Conv<filters, kernel<size.height, size.width>, Stride<1 + I % 3>>;
  using Padded = Conv<filters, kernel<size.height, size.width>, Stride<1 + I % 3>, Same>;
  check_group<Image<height, width, channels>, std::conditional_t<same, Padded, Valid>>({1 + I % 4});
}

BOOST_AUTO_TEST_CASE(grid) {
  [&]<int... I>(std::integer_sequence<int, I...>) { (check_one<I>(), ...); }
  (std::make_integer_sequence<int, 81>{});
}
#endif

BOOST_AUTO_TEST_SUITE_END()
