// Dense on CUDA: inputs, units and batches on both sides of every tile, and sums in parts.
#include <layers/cuda_run.hpp>
#include <strata/layers/dense/cuda.cuh>

using namespace strata;
using layer_test::check_cuda_products;
using layer_test::check_cuda_products_inference;
using layer_test::check_cuda_traffic;

BOOST_AUTO_TEST_SUITE(dense_cuda)

BOOST_AUTO_TEST_CASE(sizes) {
  check_cuda_products<Tf32, Vector<1>, Dense<1>>();
  check_cuda_products<Tf32, Vector<3>, Dense<2>>({1, 5, 17});
  check_cuda_products<Tf32, Vector<33>, Dense<16>>({3, 40});
  check_cuda_products<Tf32, Vector<130>, Dense<70>>({3});
}

BOOST_AUTO_TEST_CASE(sums_in_parts) {
  check_cuda_products<Tf32, Vector<400>, Dense<3>>({1, 10});
  check_cuda_products<Tf32, Vector<20>, Dense<10>>({150});  // a deep weight gradient
  check_cuda_products<Fp32, Vector<400>, Dense<10>>({5});
}

BOOST_AUTO_TEST_CASE(flattens_an_image) { check_cuda_products<Tf32, Image<3, 5, 2>, Flatten, Dense<10>>({3}); }

BOOST_AUTO_TEST_CASE(without_a_bias) { check_cuda_products<Tf32, Vector<11>, Dense<19, NoBias>>({9}); }

BOOST_AUTO_TEST_CASE(full_precision) { check_cuda_products<Fp32, Vector<70>, Dense<33>>({1, 35}); }

BOOST_AUTO_TEST_CASE(fused) {
  check_cuda_products<Tf32, Vector<20>, Dense<30>, ReLU>({1, 9});
  check_cuda_products<Tf32, Vector<300>, Dense<10>, LeakyReLU<25>, Dropout<50>>({9});  // behind the sum of parts
  check_cuda_products_inference<Tf32, Vector<20>, Dense<3>, Dropout<20>>({9});
}

BOOST_AUTO_TEST_CASE(moves_no_more_than_it_must, *boost::unit_test::precondition(simt_test::sees_accesses)) {
  check_cuda_traffic<Vector<1352>, Dense<100>, ReLU>(8);  // R1's, of a smaller image
}

BOOST_AUTO_TEST_SUITE_END()
