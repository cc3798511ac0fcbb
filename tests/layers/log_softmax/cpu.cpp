// LogSoftmax on the CPU: from one class to many, scores that overflow the exponential, and a loss that makes it vanish.
#include <layers/check_group.hpp>
#include <layers/log_softmax/reference.hpp>
#include <strata/plan/network.hpp>

using namespace strata;
using layer_test::check_group;

namespace {

/// The kernel's output for `scores`.
std::vector<float> of_scores(const std::vector<float>& scores) {
  using Group = GroupSpec<Cpu<>, Mode::inference, Vector<3>, LogSoftmax<>>;
  alignas(64) float in[32] = {}, out[32] = {};
  std::copy(scores.begin(), scores.end(), in);
  cpu::GroupArgs args;
  args.pool = &layer_test::pool_for(1);
  args.batch = 1;
  args.input = in;
  args.output = out;
  cpu::kernel<LogSoftmax<>>::forward<Group>(args);
  return {out, out + 3};
}

template <class Last, class Loss>
using Trained = Plan<Network<Seq<Dense<7>, Last>, Input<9>>, Mode::training, Cpu<>, Loss>;

// Under a loss on logits the two are one network, and LogSoftmax does not run.
static_assert(Trained<LogSoftmax<10>, LossOnLogits>::operations == 2);
static_assert(Trained<LogSoftmax<10>, LossOnLogits>::result_shape == Shape::vector(10));
static_assert(Plan<Network<Seq<LogSoftmax<10>>, Input<9>>, Mode::inference, Cpu<>>::operations == 2);
static_assert(Trained<Seq<Dense<10, LogSoftmax<>>>, LossOnLogits>::operations == 2);

}  // namespace

BOOST_AUTO_TEST_SUITE(log_softmax)

BOOST_AUTO_TEST_CASE(classes) {
  check_group<Vector<1>, LogSoftmax<>>();
  check_group<Vector<10>, LogSoftmax<>>({1, 3, 20});
  check_group<Vector<33>, LogSoftmax<>>();
  layer_test::check_inference<Vector<10>, LogSoftmax<>>();
}

BOOST_AUTO_TEST_CASE(scores_far_apart) {
  const std::vector<float> y = of_scores({1000, 999, -1000});
  BOOST_TEST(std::abs(y[0] + 0.313261688f) < 1e-6f);
  BOOST_TEST(std::abs(y[1] + 1.313261688f) < 1e-6f);
  BOOST_TEST(std::abs(y[2] + 2000.313261688f) < 1e-3f);  // where the probability itself is 0
  for (const float equal : of_scores({-3e38f, -3e38f, -3e38f})) BOOST_TEST(std::abs(equal + 1.098612289f) < 1e-6f);
  for (std::size_t at = 0; at < 3; ++at) {
    std::vector<float> scores = {1, 2, 3};
    scores[at] = std::nanf("");
    for (const float v : of_scores(scores)) BOOST_TEST(std::isnan(v));
  }
}

BOOST_AUTO_TEST_SUITE_END()
