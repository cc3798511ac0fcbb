// Conv and the layers that ride on its stores: each place in a group, in training and in inference.
#include <layers/check_group.hpp>

using namespace strata;
using layer_test::check_group;
using layer_test::check_inference;

BOOST_AUTO_TEST_SUITE(conv_fused)

BOOST_AUTO_TEST_CASE(before_a_pool) {
  check_group<Image<6, 7, 3>, Conv<17, 3, Same>, LeakyReLU<25>, MaxPool<2>>();
  check_group<Image<6, 7, 2>, Conv<5, 2>, LeakyReLU<8>, AvgPool<3, Stride<2>, Same>>();
}

BOOST_AUTO_TEST_CASE(behind_a_pool) {
  check_group<Image<8, 8, 1>, Conv<10, 5>, MaxPool<2>, ReLU>();
  check_group<Image<6, 7, 1>, Conv<3, 3, Same>, AvgPool<3>, LeakyReLU<50>>();
  check_group<Image<6, 6, 1>, Conv<3, 3, Same>, MaxPool<2>, Dropout<50>, ReLU>();
}

BOOST_AUTO_TEST_CASE(on_both_sides_of_a_pool) {
  check_group<Image<6, 7, 3>, Conv<16, 3>, LeakyReLU<8>, MaxPool<2>, Dropout<20>>();
  check_group<Image<6, 7, 1>, Conv<18, 3>, LeakyReLU<50>, MaxPool<3, Stride<2>>, LeakyReLU<25>, Flatten>();
}

BOOST_AUTO_TEST_CASE(a_positional_layer_before_a_maximum) {  // backward at full size
  check_group<Image<6, 7, 3>, Conv<5, 3, Same>, Dropout<50>, MaxPool<2>>();
  check_group<Image<6, 7, 3>, Conv<20, 3, Same>, LeakyReLU<50>, Dropout<50>, MaxPool<2>, ReLU>();
  check_group<Image<6, 7, 3>, Conv<5, 3, Same>, Dropout<20>, LeakyReLU<8>, MaxPool<3, Same, Stride<2>>>();
}

BOOST_AUTO_TEST_CASE(several_layers_between) {  // the inner outputs are stored
  check_group<Image<5, 6, 2>, Conv<6, 3>, LeakyReLU<50>, ReLU>();
  check_group<Image<5, 6, 2>, Conv<6, 3>, LeakyReLU<50>, Dropout<50>, ReLU, MaxPool<2>>();
}

BOOST_AUTO_TEST_CASE(behind_flatten) {
  check_group<Image<4, 5, 2>, Conv<6, 3>, Flatten, Dropout<50>>();
  check_group<Image<6, 7, 2>, Conv<6, 3>, MaxPool<2>, Flatten, Dropout<50>, ReLU>();
}

BOOST_AUTO_TEST_CASE(inference) {
  check_inference<Image<6, 7, 2>, Conv<17, 3>, BatchNorm<>, MaxPool<2>>();
  check_inference<Image<6, 7, 2>, Conv<5, 3>, LeakyReLU<8>, BatchNorm<>, AvgPool<2>, BatchNorm<Epsilon<1, 100>>>();
  check_inference<Image<6, 7, 2>, Conv<5, 3>, BatchNorm<>, ReLU, MaxPool<2>, Flatten, BatchNorm<>>();
}

BOOST_AUTO_TEST_SUITE_END()
