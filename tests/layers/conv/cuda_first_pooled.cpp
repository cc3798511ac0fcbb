// A first convolution and the pooling behind it in one launch: windows, borders, filters, and what makes two of it.
#include <layers/cuda_run.hpp>
#include <strata/layers/conv/cuda.cuh>

using namespace strata;
using layer_test::check_cuda_inference;
using layer_test::check_cuda_products;
using layer_test::check_cuda_traffic;
using layer_test::CudaRun;

namespace {

template <class In, class... Ops>
using TrainedGroup = GroupSpec<Cuda<Fp32>, Mode::training, In, Ops...>;

template <class L, class... Ops>
constexpr bool is_fused = cuda::pools_by_window<L, TrainedGroup<Image<12, 12, 1>, L, Ops...>>;

/// Fills a group's input and parameters.
void fill(CudaRun& run, const layer_test::CudaGroup& group, int batch) {
  layer_test::Source source(5);
  reference::Tensor x = layer_test::batch_of(group.shapes.front(), batch);
  source.fill(x, layer_test::Numbers::real);
  run.set_input(x);
  for (std::size_t t = 0; t < group.tensors.size(); ++t) {
    reference::Tensor p(1, 1, 1, static_cast<int>(group.tensors[t].size()));
    source.fill_parameter(p, group.tensors[t].name, layer_test::Numbers::real);
    run.set_parameter(t, p);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(first_convolution_and_pooling)

BOOST_AUTO_TEST_CASE(what_fuses) {
  static_assert(is_fused<Conv<4, 3>, MaxPool<2>>);
  static_assert(is_fused<Conv<4, 3, Same>, ReLU, MaxPool<2>, Dropout<20>>);
  static_assert(is_fused<Conv<4, 5>, AvgPool<2>, ReLU>);
  static_assert(is_fused<Conv<4, 3>, ReLU, AvgPool<2>>);  // it stores pixels, and all of them
  static_assert(is_fused<Conv<4, 3, Stride<2>>, MaxPool<2, Stride<3>>>);
  static_assert(!is_fused<Conv<4, 3>>);
  static_assert(!is_fused<Conv<4, 3>, ReLU, AvgPool<3>>);         // which leaves a row
  static_assert(!is_fused<Conv<4, 3>, MaxPool<3, Stride<2>>>);    // windows overlap
  static_assert(!is_fused<Conv<4, 3>, MaxPool<3, Same>>);         // and reach over the border
  static_assert(!is_fused<Conv<4, 3>, Dropout<20>, MaxPool<2>>);  // random numbers of pixels
  static_assert(!is_fused<Conv<4, 3>, MaxPool<5>>);               // too many pixels for registers
  static_assert(!is_fused<Conv<4, 7>, MaxPool<2>>);               // too many taps
}

BOOST_AUTO_TEST_CASE(shapes) {
  check_cuda_products<Fp32, Image<2, 2, 1>, Conv<1, 1>, MaxPool<2>>();
  check_cuda_products<Fp32, Image<1, 1, 1>, Conv<3, 1>, MaxPool<1>>();
  check_cuda_products<Fp32, Image<7, 9, 1>, Conv<10, 3>, MaxPool<2>>();
  check_cuda_products<Fp32, Image<8, 7, 1>, Conv<28, 3>, MaxPool<2>>({3});
  check_cuda_products<Fp32, Image<9, 8, 1>, Conv<33, 5>, MaxPool<2>>({3});  // pixels that fill no window
  check_cuda_products<Fp32, Image<5, 5, 1>, Conv<300, 2>, MaxPool<2>>({2});
  check_cuda_products<Fp32, Image<11, 8, 1>, Conv<4, 3>, MaxPool<3>>();
}

BOOST_AUTO_TEST_CASE(channels) {
  check_cuda_products<Fp32, Image<6, 8, 2>, Conv<10, 3>, MaxPool<2>>({3});
  check_cuda_products<Fp32, Image<7, 6, 3>, Conv<32, 3>, MaxPool<2>>({2});
  check_cuda_products<Fp32, Image<6, 7, 4>, Conv<5, 3>, MaxPool<2>>({2});
}

BOOST_AUTO_TEST_CASE(wide_images) {  // more rows of windows than fit shared memory; a slice in two passes
  check_cuda_products<Fp32, Image<34, 400, 1>, Conv<12, 3>, MaxPool<2>>({1});
  static_assert(!cuda::pools_by_window<Conv<4, 3>, TrainedGroup<Image<16, 2000, 1>, Conv<4, 3>, MaxPool<2>>>);
}

BOOST_AUTO_TEST_CASE(same_and_strides) {
  check_cuda_products<Fp32, Image<6, 8, 1>, Conv<10, 3, Same>, MaxPool<2>>();
  check_cuda_products<Fp32, Image<4, 5, 3>, Conv<6, 3, Same>, MaxPool<2>>({3});
  check_cuda_products<Fp32, Image<5, 4, 1>, Conv<6, 3, Pad<2, 1, 0, 2>>, MaxPool<2>>({3});
  check_cuda_products<Fp32, Image<9, 13, 1>, Conv<8, 3, Stride<2>>, MaxPool<2>>({3});
  check_cuda_products<Fp32, Image<9, 11, 2>, Conv<8, 2, Same, Stride<2>>, MaxPool<2, Stride<3>>>({3});
  check_cuda_products<Fp32, Image<6, 9, 1>, Conv<7, kernel<2, 3>>, MaxPool<kernel<1, 3>, Stride<3>>>({3});
}

BOOST_AUTO_TEST_CASE(layers_around) {
  check_cuda_products<Fp32, Image<8, 10, 1>, Conv<32, 3>, ReLU, MaxPool<2>, Flatten>();
  check_cuda_products<Fp32, Image<8, 10, 1>, Conv<64, 3>, LeakyReLU<8>, MaxPool<2>, Dropout<20>>({1, 3});
  check_cuda_products<Fp32, Image<8, 7, 3>, Conv<10, 3>, LeakyReLU<8>, MaxPool<2>, ReLU, Dropout<50>>({3});
  check_cuda_products<Fp32, Image<8, 6, 1>, Conv<10, 5>, MaxPool<2>, ReLU>({3});
  check_cuda_products<Fp32, Image<8, 6, 1>, Conv<10, 5>, LeakyReLU<50>, ReLU, MaxPool<2>>({3});  // stores pixels
  check_cuda_products<Fp32, Image<7, 6, 1>, Conv<6, 3, NoBias>, MaxPool<2>>({3});
}

BOOST_AUTO_TEST_CASE(means) {
  check_cuda_products<Fp32, Image<7, 9, 1>, Conv<10, 3>, AvgPool<2>, ReLU>();
  check_cuda_products<Fp32, Image<8, 8, 1>, Conv<32, 5>, ReLU, AvgPool<2>>({3});  // R3
  check_cuda_products<Fp32, Image<8, 7, 1>, Conv<6, 3>, ReLU, AvgPool<2>>({3});   // by two launches
}

BOOST_AUTO_TEST_CASE(inference) {
  check_cuda_inference<Image<7, 9, 1>, Conv<10, 3>, ReLU, MaxPool<2>>({3});
  check_cuda_inference<Image<8, 7, 3>, Conv<12, 3>, LeakyReLU<8>, MaxPool<2>, Dropout<50>>({3});
  check_cuda_inference<Image<8, 8, 1>, Conv<8, 5>, ReLU, AvgPool<2>>({3});
}

/// The output of a group, by one launch or by two.
template <class L, class G>
std::vector<float> output(bool by_pixel) {
  constexpr int batch = 3;
  layer_test::CudaGroup group = layer_test::group_values<G>::make();
  if (by_pixel) {
    group.requirements.forward_per_sample = strata::detail::sample_bytes(G::produced);
    group.forward = &cuda::kernel<L>::template forward_by_pixel<G>;
  }
  CudaRun run(group, batch);
  fill(run, group, batch);
  run.forward(true);
  return run.output();
}

template <class In, class L, class... Ops>
void check_bits() {
  using G = TrainedGroup<In, L, Ops...>;
  static_assert(cuda::pools_by_window<L, G>);
  BOOST_TEST(layer_test::same_bits(output<L, G>(false), output<L, G>(true)));
}

BOOST_AUTO_TEST_CASE(the_bits_of_two_launches) {
  check_bits<Image<28, 28, 1>, Conv<28, 3>, MaxPool<2>>();
  check_bits<Image<9, 8, 1>, Conv<32, 3>, ReLU, MaxPool<2>, Flatten>();
  check_bits<Image<9, 8, 1>, Conv<64, 3, Same>, LeakyReLU<8>, MaxPool<2>, Dropout<20>>();
  check_bits<Image<9, 12, 1>, Conv<10, 5>, MaxPool<2>, ReLU>();
  check_bits<Image<8, 8, 1>, Conv<32, 5>, ReLU, AvgPool<2>>();
}

template <class... Ops>
void check_first_traffic(double sectors) {
  check_cuda_traffic<Image<28, 28, 1>, Ops...>(2, false, sectors);
}

// Where random numbers ask for filters 16 apart, winners go in 16 bytes, half a sector at a time.
BOOST_AUTO_TEST_CASE(moves_no_more_than_it_must, *boost::unit_test::precondition(simt_test::sees_accesses)) {
  check_first_traffic<Conv<32, 3>, ReLU, MaxPool<2>>(1.001);                     // R1
  check_first_traffic<Conv<28, 3>, MaxPool<2>>(1.02);                            // R12
  check_first_traffic<Conv<64, 3>, LeakyReLU<8>, MaxPool<2>, Dropout<20>>(1.1);  // R5
  check_first_traffic<Conv<10, 5>, MaxPool<2>, ReLU>(1.001);                     // R8
  check_first_traffic<Conv<32, 5>, ReLU, AvgPool<2>>(1.001);                     // R3
}

BOOST_AUTO_TEST_SUITE_END()
