// LogSoftmax on the CPU: from one class to many, scores that overflow the exponential, and a loss that makes it vanish.
#include <strata/strata.hpp>

#include <layers/check_group.hpp>
#include <layers/log_softmax/reference.hpp>

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

template <class Last>
using Net = Network<Seq<Dense<7, Tanh>, Last>, Input<28, 28, 1>>;

/// A model after some steps, and what it predicts of an image.
template <class Net>
std::pair<std::vector<float>, std::array<float, 10>> trained(const Dataset& data) {
  Model<Net> model{seed(3), threads(1)};
  fit(model, data, SGD{.learning_rate = 0.1}, {.epochs = 1, .batch = 8, .progress = Progress::silent});
  return {{model.parameters().begin(), model.parameters().end()}, predict(model, data.image(0))};
}

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

BOOST_AUTO_TEST_CASE(trains_from_logits) {  // as the same network with Softmax, bit by bit
  const Dataset data = synthetic_digits(32, 1);
  const auto [with_logs, logs] = trained<Net<LogSoftmax<10>>>(data);
  const auto [with_probabilities, probabilities] = trained<Net<Softmax<10>>>(data);
  BOOST_TEST(layer_test::same_bits(with_logs, with_probabilities));
  for (std::size_t c = 0; c < 10; ++c) BOOST_TEST(std::abs(std::exp(logs[c]) - probabilities[c]) < 1e-6f);
}

BOOST_AUTO_TEST_SUITE_END()
