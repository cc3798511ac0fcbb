// Softmax on a GPU: from one class to many, a warp or a block a row, scores far apart, and NaN.
#include <layers/cuda_run.hpp>

using namespace strata;
using layer_test::check_cuda_group;

namespace {

/// Probabilities of `scores`.
template <int Classes>
std::vector<float> probabilities(const std::vector<double>& scores) {
  using Group = GroupSpec<Cuda<>, Mode::inference, Vector<Classes>, Softmax<>>;
  const layer_test::CudaGroup group = layer_test::group_values<Group>::make();
  layer_test::CudaRun run(group, 1);
  reference::Tensor x(1, 1, 1, Classes);
  for (std::size_t i = 0; i < scores.size(); ++i) x.set(i, scores[i]);
  run.set_input(x);
  run.forward(false);
  return run.output();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(softmax_on_a_gpu)

BOOST_AUTO_TEST_CASE(classes) {
  check_cuda_group<Vector<1>, Softmax<>>();
  check_cuda_group<Vector<2>, Softmax<>>();
  check_cuda_group<Vector<10>, Softmax<>>({1, 3, 20});
  check_cuda_group<Vector<32>, Softmax<>>();
  check_cuda_group<Vector<33>, Softmax<>>();
  check_cuda_group<Vector<513>, Softmax<>>();
  check_cuda_group<Vector<1000>, Softmax<>>();
  layer_test::check_cuda_inference<Vector<10>, Softmax<>>();
}

BOOST_AUTO_TEST_CASE(scores_far_apart) {
  const std::vector<float> p = probabilities<3>({1000, 999, -1000});
  BOOST_TEST(std::abs(p[0] - 0.731058579f) < 1e-6f);
  BOOST_TEST(std::abs(p[1] - 0.268941421f) < 1e-6f);
  BOOST_TEST(p[2] == 0);
  const std::vector<float> q = probabilities<2>({-3e38, -3e38});
  BOOST_TEST(q[0] == 0.5f);
  BOOST_TEST(q[1] == 0.5f);
}

BOOST_AUTO_TEST_CASE(nan_is_seen) {
  for (std::size_t at = 0; at < 3; ++at) {
    std::vector<double> scores = {1, 2, 3};
    scores[at] = std::nan("");
    for (const float p : probabilities<3>(scores)) BOOST_TEST(std::isnan(p));
  }
}

BOOST_AUTO_TEST_CASE(moves_no_more_than_it_must, *boost::unit_test::precondition(simt_test::sees_accesses)) {
  layer_test::check_cuda_traffic<Vector<10>, Softmax<>>(32);  // rows are a line apart, and half of it is asked for
  layer_test::check_cuda_traffic<Vector<1000>, Softmax<>>(2);
}

BOOST_AUTO_TEST_SUITE_END()
