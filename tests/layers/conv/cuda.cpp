// Conv on CUDA: every shape of image, kernel, stride and padding that ends a tile, a packet or a depth in another
// place.
#include <simt/accesses.hpp>
#include <simt/simt.hpp>
#include <strata/layers/conv/cuda.cuh>

#include <cuda/check_producer.hpp>

using namespace strata;
using cuda_test::check_inference;
using cuda_test::check_producer;
using cuda_test::Races;

BOOST_AUTO_TEST_SUITE(conv_cuda)

BOOST_AUTO_TEST_CASE(valid) {
  check_producer<Tf32, Image<1, 1, 1>, Conv<1, 1>>();
  check_producer<Tf32, Image<4, 9, 3>, Conv<10, 1>>();
  check_producer<Tf32, Image<5, 7, 16>, Conv<10, 3>>();
  check_producer<Tf32, Image<4, 4, 33>, Conv<32, 3>>({3});
  check_producer<Tf32, Image<6, 5, 1>, Conv<32, 5>>();
}

BOOST_AUTO_TEST_CASE(same) {
  check_producer<Tf32, Image<1, 1, 10>, Conv<3, 5, Same>>();
  check_producer<Tf32, Image<6, 5, 2>, Conv<10, 2, Same>>({3});
  check_producer<Tf32, Image<8, 3, 10>, Conv<33, kernel<3, 5>, Same>>({3});
}

BOOST_AUTO_TEST_CASE(strides) {
  check_producer<Tf32, Image<7, 8, 3>, Conv<5, 3, Stride<2>>>({3});
  check_producer<Tf32, Image<8, 7, 16>, Conv<16, 3, Stride<2>, Same>>({3});
  check_producer<Tf32, Image<5, 6, 4>, Conv<3, 1, Stride<3>, Same>>({1});
  check_producer<Tf32, Image<1, 2, 2>, Conv<3, 5, Same, Stride<2>>>({1});  // taps behind the image for every pixel
}

BOOST_AUTO_TEST_CASE(without_a_bias) { check_producer<Tf32, Image<5, 5, 2>, Conv<7, 3, NoBias>>({3}); }

BOOST_AUTO_TEST_CASE(full_precision) {
  check_producer<Fp32, Image<5, 7, 16>, Conv<10, 3>>({3});
  check_producer<Fp32, Image<6, 5, 1>, Conv<32, 3, Same>>({1});
  check_producer<Fp32, Image<7, 6, 12>, Conv<20, 3, Stride<2>>>({2});
}

BOOST_AUTO_TEST_CASE(fused) {
  check_producer<Tf32, Image<5, 6, 2>, Conv<6, 3>, ReLU>();
  check_producer<Tf32, Image<5, 6, 2>, Conv<6, 3>, LeakyReLU<50>, ReLU, Flatten>({3});  // the inner output is stored
  check_producer<Tf32, Image<5, 6, 2>, Conv<18, 3, Same>, Dropout<50>, ReLU>({3});
  check_inference<Tf32, Image<5, 6, 2>, Conv<6, 3>, Dropout<50>, ReLU>({3});
}

BOOST_AUTO_TEST_CASE(of_reference_models) {  // as in R1 and R6, smaller images
  check_producer<Tf32, Image<14, 16, 1>, Conv<32, 3>>({2}, Races::ignore);
  check_producer<Tf32, Image<7, 8, 32>, Conv<64, 3>>({2}, Races::ignore);
  check_producer<Fp32, Image<7, 8, 32>, Conv<64, 3>>({2}, Races::ignore);
}

BOOST_AUTO_TEST_CASE(tiles_of_128_rows) { check_producer<Tf32, Image<16, 18, 8>, Conv<16, 3>>({1}); }

BOOST_AUTO_TEST_CASE(moves_no_more_than_it_must, *boost::unit_test::precondition(simt_test::sees_accesses)) {
  {
    const simt::Traffic traffic;
    cuda_test::run_step<Tf32, Image<8, 10, 32>, Conv<64, 3>, ReLU>(2, true);
    BOOST_TEST(traffic.bank_conflicts() == 1, traffic.report());
    BOOST_TEST(traffic.sectors() <= 1.1, traffic.report());
    BOOST_TEST_MESSAGE(traffic.report());
  }
  {
    const simt::Traffic traffic;
    cuda_test::run_step<Tf32, Image<12, 14, 1>, Conv<32, 3>, ReLU>(2, false);
    BOOST_TEST(traffic.bank_conflicts() == 1, traffic.report());
    BOOST_TEST(traffic.sectors() <= 1.1, traffic.report());
    BOOST_TEST_MESSAGE(traffic.report());
  }
}

BOOST_AUTO_TEST_SUITE_END()
