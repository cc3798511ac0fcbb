// Dense on CUDA: inputs, units and batches on both sides of every tile, and sums in parts.
#include <simt/accesses.hpp>
#include <simt/simt.hpp>
#include <strata/layers/dense/cuda.cuh>

#include <cuda/check_producer.hpp>

using namespace strata;
using cuda_test::check_inference;
using cuda_test::check_producer;
using cuda_test::Races;

BOOST_AUTO_TEST_SUITE(dense_cuda)

BOOST_AUTO_TEST_CASE(sizes) {
  check_producer<Tf32, Vector<1>, Dense<1>>();
  check_producer<Tf32, Vector<3>, Dense<2>>({1, 5, 17});
  check_producer<Tf32, Vector<33>, Dense<16>>({3, 40});
  check_producer<Tf32, Vector<130>, Dense<70>>({3});
}

BOOST_AUTO_TEST_CASE(sums_in_parts) {
  check_producer<Tf32, Vector<400>, Dense<3>>({1, 10});
  check_producer<Tf32, Vector<20>, Dense<10>>({150});  // a deep weight gradient
  check_producer<Fp32, Vector<400>, Dense<10>>({5});
}

BOOST_AUTO_TEST_CASE(flattens_an_image) { check_producer<Tf32, Image<3, 5, 2>, Flatten, Dense<10>>({3}); }

BOOST_AUTO_TEST_CASE(without_a_bias) { check_producer<Tf32, Vector<11>, Dense<19, NoBias>>({9}); }

BOOST_AUTO_TEST_CASE(full_precision) { check_producer<Fp32, Vector<70>, Dense<33>>({1, 35}); }

BOOST_AUTO_TEST_CASE(fused) {
  check_producer<Tf32, Vector<20>, Dense<30>, ReLU>({1, 9});
  check_producer<Tf32, Vector<300>, Dense<10>, LeakyReLU<25>, Dropout<50>>({9});  // behind the sum of parts
  check_inference<Tf32, Vector<20>, Dense<3>, Dropout<20>>({9});
}

BOOST_AUTO_TEST_CASE(moves_no_more_than_it_must, *boost::unit_test::precondition(simt_test::sees_accesses)) {
  const simt::Traffic traffic;
  cuda_test::run_step<Tf32, Vector<1352>, Dense<100>, ReLU>(8, true);  // R1's, of a smaller image
  BOOST_TEST(traffic.bank_conflicts() == 1, traffic.report());
  BOOST_TEST(traffic.sectors() <= 1.1, traffic.report());
  BOOST_TEST_MESSAGE(traffic.report());
}

BOOST_AUTO_TEST_SUITE_END()
