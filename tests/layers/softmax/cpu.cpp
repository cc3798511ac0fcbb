// Softmax on the CPU: from one class to many, scores far apart, and scores that are too large for the exponential.
#include <layers/check_group.hpp>

using namespace strata;
using layer_test::check_group;

namespace {

// Probabilities of `scores` by the kernel.
template <int Classes>
std::vector<float> probabilities(const std::vector<float>& scores) {
  using Group = GroupSpec<Cpu<>, Mode::inference, Vector<Classes>, Softmax<>>;
  alignas(64) float in[(Classes + 15) / 16 * 16 + 16] = {}, out[(Classes + 15) / 16 * 16 + 16] = {};
  std::copy(scores.begin(), scores.end(), in);
  cpu::GroupArgs args;
  args.pool = &layer_test::pool_for(1);
  args.batch = 1;
  args.input = in;
  args.output = out;
  cpu::kernel<Softmax<>>::forward<Group>(args);
  return {out, out + Classes};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(softmax)

BOOST_AUTO_TEST_CASE(classes) {
  check_group<Vector<1>, Softmax<>>();
  check_group<Vector<2>, Softmax<>>();
  check_group<Vector<10>, Softmax<>>({1, 3, 20});
  check_group<Vector<16>, Softmax<>>();
  check_group<Vector<33>, Softmax<>>();
  check_group<Vector<1000>, Softmax<>>();
  layer_test::check_inference<Vector<10>, Softmax<>>();
}

BOOST_AUTO_TEST_CASE(scores_far_apart) {
  const std::vector<float> p = probabilities<3>({1000, 999, -1000});
  BOOST_TEST(std::abs(p[0] - 0.731058579f) < 1e-6f);
  BOOST_TEST(std::abs(p[1] - 0.268941421f) < 1e-6f);
  BOOST_TEST(p[2] == 0);
  const std::vector<float> q = probabilities<2>({-3e38f, -3e38f});
  BOOST_TEST(q[0] == 0.5f);
  BOOST_TEST(q[1] == 0.5f);
}

BOOST_AUTO_TEST_CASE(nan_is_seen) {
  for (std::size_t at = 0; at < 3; ++at) {
    std::vector<float> scores = {1, 2, 3};
    scores[at] = std::nanf("");
    for (const float p : probabilities<3>(scores)) BOOST_TEST(std::isnan(p));
  }
}

BOOST_AUTO_TEST_SUITE_END()
