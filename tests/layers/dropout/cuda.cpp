// Dropout on a GPU: the CPU's mask bit by bit, in both directions.
#include <layers/against_cpu.hpp>

using namespace strata;
using layer_test::check_cuda_group;
using layer_test::check_cuda_traffic;

BOOST_AUTO_TEST_SUITE(dropout_on_a_gpu)

BOOST_AUTO_TEST_CASE(mask) {
  check_cuda_group<Image<1, 1, 1>, Dropout<50>>({1, 5});
  check_cuda_group<Image<4, 5, 3>, Dropout<50>>();
  check_cuda_group<Image<4, 5, 17>, Dropout<20>>();
  check_cuda_group<Image<4, 5, 33>, Dropout<99>>();
  check_cuda_group<Vector<100>, Dropout<1>>();
  check_cuda_group<Vector<150>, Dropout<50>>();
}

#if !defined(__CUDACC__)
BOOST_AUTO_TEST_CASE(mask_of_the_cpu) {
  layer_test::check_against_cpu<Vector<4>, Dropout<50>>(2);
  layer_test::check_against_cpu<Vector<128>, Dropout<20>>(3);
  layer_test::check_against_cpu<Vector<1000>, Dropout<50>>(2);
  layer_test::check_against_cpu<Image<5, 3, 10>, Dropout<30>, Dropout<50>>(2);
}
#endif

BOOST_AUTO_TEST_CASE(two_in_one_group) {  // each with a mask of its own
  check_cuda_group<Vector<100>, Dropout<50>, Dropout<50>>();
  check_cuda_group<Image<4, 4, 18>, Dropout<50>, AvgPool<2>, Dropout<50>>();
}

BOOST_AUTO_TEST_CASE(nothing_to_drop) { layer_test::check_cuda_inference<Image<4, 5, 3>, Dropout<20>>(); }

BOOST_AUTO_TEST_CASE(moves_no_more_than_it_must, *boost::unit_test::precondition(simt_test::sees_accesses)) {
  check_cuda_traffic<Vector<128>, ReLU, Dropout<20>>(32);  // R5, R6
  check_cuda_traffic<Vector<64>, Dropout<20>>(32);
  check_cuda_traffic<Vector<100>, Dropout<20>>(32);
}

BOOST_AUTO_TEST_SUITE_END()
