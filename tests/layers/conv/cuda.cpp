// Conv on CUDA: every shape of image, kernel, stride and padding that ends a tile, a packet or a depth in another
// place.
#include <layers/channel_dropout/reference.hpp>
#include <layers/cuda_run.hpp>
#include <strata/layers/conv/cuda.cuh>

using namespace strata;
using layer_test::check_cuda_products;
using layer_test::check_cuda_products_inference;
using layer_test::check_cuda_traffic;

BOOST_AUTO_TEST_SUITE(conv_cuda)

BOOST_AUTO_TEST_CASE(valid) {
  check_cuda_products<Tf32, Image<1, 1, 1>, Conv<1, 1>>();
  check_cuda_products<Tf32, Image<4, 9, 3>, Conv<10, 1>>();
  check_cuda_products<Tf32, Image<5, 7, 16>, Conv<10, 3>>();
  check_cuda_products<Tf32, Image<4, 4, 33>, Conv<32, 3>>({3});
  check_cuda_products<Tf32, Image<6, 5, 1>, Conv<32, 5>>();
}

BOOST_AUTO_TEST_CASE(same) {
  check_cuda_products<Tf32, Image<1, 1, 10>, Conv<3, 5, Same>>();
  check_cuda_products<Tf32, Image<6, 5, 2>, Conv<10, 2, Same>>({3});
  check_cuda_products<Tf32, Image<8, 3, 10>, Conv<33, kernel<3, 5>, Same>>({3});
}

BOOST_AUTO_TEST_CASE(padded_by_numbers) {
  check_cuda_products<Tf32, Image<2, 4, 10>, Conv<3, kernel<4, 3>, Pad<3, 0, 0, 2>>>({3});
  check_cuda_products<Tf32, Image<5, 6, 2>, Conv<10, 3, Pad<1>, Stride<2>>>({3});
}

BOOST_AUTO_TEST_CASE(strides) {
  check_cuda_products<Tf32, Image<7, 8, 3>, Conv<5, 3, Stride<2>>>({3});
  check_cuda_products<Tf32, Image<8, 7, 16>, Conv<16, 3, Stride<2>, Same>>({3});
  check_cuda_products<Tf32, Image<5, 6, 4>, Conv<3, 1, Stride<3>, Same>>({1});
  check_cuda_products<Tf32, Image<1, 2, 2>, Conv<3, 5, Same, Stride<2>>>({1});  // taps behind the image for every pixel
}

BOOST_AUTO_TEST_CASE(without_a_bias) { check_cuda_products<Tf32, Image<5, 5, 2>, Conv<7, 3, NoBias>>({3}); }

BOOST_AUTO_TEST_CASE(full_precision) {
  check_cuda_products<Fp32, Image<5, 7, 16>, Conv<10, 3>>({3});
  check_cuda_products<Fp32, Image<6, 5, 1>, Conv<32, 3, Same>>({1});
  check_cuda_products<Fp32, Image<7, 6, 12>, Conv<20, 3, Stride<2>>>({2});
}

BOOST_AUTO_TEST_CASE(fused) {
  check_cuda_products<Tf32, Image<5, 6, 2>, Conv<6, 3>, ReLU>();
  check_cuda_products<Tf32, Image<5, 6, 2>, Conv<6, 3>, LeakyReLU<50>, ReLU, Flatten>({3});  // stores between
  check_cuda_products<Tf32, Image<5, 6, 2>, Conv<18, 3, Same>, Dropout<50>, ReLU>({3});
  check_cuda_products_inference<Tf32, Image<5, 6, 2>, Conv<6, 3>, Dropout<50>, ReLU>({3});
  check_cuda_products<Fp32, Image<7, 7, 10>, Conv<20, 3>, ChannelDropout<50>, MaxPool<2>, ReLU, Flatten>({3});  // R8
}

BOOST_AUTO_TEST_CASE(of_reference_models) {  // as in R1 and R6, smaller images
  check_cuda_products<Tf32, Image<14, 16, 1>, Conv<32, 3>>({2});
  check_cuda_products<Tf32, Image<7, 8, 32>, Conv<64, 3>>({2});
  check_cuda_products<Fp32, Image<7, 8, 32>, Conv<64, 3>>({2});
}

BOOST_AUTO_TEST_CASE(of_vgg16) {  // its channels and filters, in images of few pixels
  check_cuda_products<Tf32, Image<2, 3, 3>, Conv<64, 3, Same>>({2});
  check_cuda_products_inference<Tf32, Image<2, 3, 64>, Conv<64, 3, Same>, ReLU>({1});
  check_cuda_products_inference<Tf32, Image<2, 2, 64>, Conv<128, 3, Same>, ReLU>({1});
#if STRATA_FULL_GRIDS  // a minute on a core
  check_cuda_products_inference<Tf32, Image<2, 2, 128>, Conv<128, 3, Same>, ReLU>({1});
  check_cuda_products_inference<Tf32, Image<2, 2, 128>, Conv<256, 3, Same>, ReLU>({1});
  check_cuda_products_inference<Tf32, Image<2, 2, 256>, Conv<256, 3, Same>, ReLU>({1});
  check_cuda_products_inference<Tf32, Image<2, 2, 256>, Conv<512, 3, Same>, ReLU>({1});
  check_cuda_products_inference<Tf32, Image<2, 2, 512>, Conv<512, 3, Same>, ReLU>({1});
#endif
}

BOOST_AUTO_TEST_CASE(tiles_of_128_rows) { check_cuda_products<Tf32, Image<16, 18, 8>, Conv<16, 3>>({1}); }

BOOST_AUTO_TEST_CASE(moves_no_more_than_it_must, *boost::unit_test::precondition(simt_test::sees_accesses)) {
  check_cuda_traffic<Image<8, 10, 32>, Conv<64, 3>, ReLU>(2, true);
  check_cuda_traffic<Image<12, 14, 1>, Conv<32, 3>, ReLU>(2, false);
}

BOOST_AUTO_TEST_SUITE_END()
