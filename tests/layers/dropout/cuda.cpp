// Dropout on a GPU: the CPU's mask bit by bit, in both directions.
#include <layers/cuda_run.hpp>

using namespace strata;
using layer_test::check_cuda_group;
using layer_test::check_cuda_traffic;

#if !defined(__CUDACC__)  // which takes the CPU's vectors for device code
namespace {

/// The output and the input's gradient that a run makes of numbers that depend on nothing else.
template <class Run>
layer_test::Results step(Run run, Shape in, int batch) {
  layer_test::Source source(11);
  reference::Tensor x = layer_test::batch_of(in, batch), dy = x.like();
  source.fill(x, layer_test::Numbers::real);
  source.fill(dy, layer_test::Numbers::real);
  run.set_input(x);
  run.forward(true);
  run.backward(dy, true);
  return {run.output(), run.input_gradient()};
}

template <class In, class... Layers>
void check_against_cpu(int batch) {
  const auto cpu = layer_test::group_values<GroupSpec<Cpu<>, Mode::training, In, Layers...>>::make();
  const auto cuda = layer_test::group_values<GroupSpec<Cuda<>, Mode::training, In, Layers...>>::make();
  const auto expected = step(layer_test::GroupRun(cpu, batch, layer_test::pool_for(1)), In::shape, batch);
  const auto got = step(layer_test::CudaRun(cuda, batch), In::shape, batch);
  for (std::size_t i = 0; i < 2; ++i) BOOST_TEST(layer_test::same_bits(got[i], expected[i]));
}

}  // namespace
#endif

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
  check_against_cpu<Vector<4>, Dropout<50>>(2);
  check_against_cpu<Vector<128>, Dropout<20>>(3);
  check_against_cpu<Vector<1000>, Dropout<50>>(2);
  check_against_cpu<Image<5, 3, 10>, Dropout<30>, Dropout<50>>(2);
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
