// LogSoftmax on a GPU: from one class to many, a warp or a block a row, scores that overflow the exponential, and NaN.
#include <layers/cuda_run.hpp>
#include <layers/log_softmax/reference.hpp>
#include <strata/layers/log_softmax/cuda.cuh>

using namespace strata;
using layer_test::check_cuda_group;

namespace {

/// The kernel's output for `scores`.
std::vector<float> of_scores(const std::vector<double>& scores) {
  using Group = GroupSpec<Cuda<>, Mode::inference, Vector<3>, LogSoftmax<>>;
  const layer_test::CudaGroup group = layer_test::group_values<Group>::make();
  layer_test::CudaRun run(group, 1);
  reference::Tensor x(1, 1, 1, 3);
  for (std::size_t i = 0; i < scores.size(); ++i) x.set(i, scores[i]);
  run.set_input(x);
  run.forward(false);
  return run.output();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(log_softmax_on_a_gpu)

BOOST_AUTO_TEST_CASE(classes) {
  check_cuda_group<Vector<1>, LogSoftmax<>>();
  check_cuda_group<Vector<10>, LogSoftmax<>>({1, 3, 20});
  check_cuda_group<Vector<33>, LogSoftmax<>>();
  check_cuda_group<Vector<513>, LogSoftmax<>>();
}

BOOST_AUTO_TEST_CASE(scores_far_apart) {
  const std::vector<float> y = of_scores({1000, 999, -1000});
  BOOST_TEST(std::abs(y[0] + 0.313261688f) < 1e-6f);
  BOOST_TEST(std::abs(y[2] + 2000.313261688f) < 1e-3f);  // where the probability itself is 0
  for (const float equal : of_scores({-3e38, -3e38, -3e38})) BOOST_TEST(std::abs(equal + 1.098612289f) < 1e-6f);
  for (const float v : of_scores({1, std::nan(""), 3})) BOOST_TEST(std::isnan(v));
}

BOOST_AUTO_TEST_SUITE_END()
