// ChannelDropout on a GPU: the CPU's mask bit by bit, in both directions, alone and around a pooling.
#include <layers/against_cpu.hpp>
#include <layers/channel_dropout/reference.hpp>

using namespace strata;
using layer_test::check_cuda_group;

BOOST_AUTO_TEST_SUITE(channel_dropout_on_a_gpu)

BOOST_AUTO_TEST_CASE(mask) {
  check_cuda_group<Image<1, 1, 1>, ChannelDropout<50>>({1, 5});
  check_cuda_group<Image<4, 5, 3>, ChannelDropout<20>>();
  check_cuda_group<Image<4, 4, 20>, ChannelDropout<50>, MaxPool<2>, ReLU, ChannelDropout<50>, Flatten>();
}

#if !defined(__CUDACC__)
BOOST_AUTO_TEST_CASE(mask_of_the_cpu) {
  layer_test::check_against_cpu<Image<2, 3, 150>, ChannelDropout<30>, ChannelDropout<50>>(2);
}
#endif

BOOST_AUTO_TEST_CASE(nothing_to_drop) { layer_test::check_cuda_inference<Image<4, 5, 3>, ChannelDropout<20>>(); }

BOOST_AUTO_TEST_SUITE_END()
