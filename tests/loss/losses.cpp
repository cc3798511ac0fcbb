// Losses and their gradients against PyTorch's (tests/golden/make_torch_training.py), and training by them.
#include <strata/io/safetensors.hpp>
#include <strata/losses.hpp>
#include <strata/model/evaluate.hpp>
#include <strata/train/fit.hpp>
#include <strata/train/optimizer/sgd.hpp>

#include "reference_models.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "io/folder.hpp"

using namespace strata;

namespace {

constexpr int samples = 6, classes = 5;

template <class T>
std::vector<T> golden(const std::string& name) {
  static const safetensors::File file = safetensors::File::read(
      (std::filesystem::path(__FILE__).parent_path() / "../golden/torch_training.bin").string());
  return file.values<T>("loss/" + name);
}

enum class Truth { labels, targets, bits };

/// The mean loss of PyTorch's samples and its gradient, by `loss`; `outputs` are what it takes.
template <class Loss>
void check(const std::string& name, const Loss& loss, Truth truth, std::vector<float> outputs = {}) {
  if (outputs.empty()) outputs = golden<float>("logits");
  const std::vector<std::int32_t> labels = golden<std::int32_t>("labels");
  const std::vector<float> rows = golden<float>(truth == Truth::bits ? "bits" : "targets");
  const std::vector<double> expected = golden<double>(name), gradients = golden<double>(name + "/gradient");
  double mean = 0;
  for (int i = 0; i < samples; ++i) {
    const detail::SampleTruth what{labels[static_cast<std::size_t>(i)],
                                   truth == Truth::labels ? nullptr : &rows[static_cast<std::size_t>(i * classes)]};
    alignas(64) float gradient[16] = {};
    const float* z = &outputs[static_cast<std::size_t>(i * classes)];
    const auto score = loss.score(z, classes, what, gradient, 1.0f / samples);
    BOOST_TEST(score.loss == loss.score(z, classes, what, nullptr, 0).loss);  // for evaluations
    BOOST_TEST(score.predicted == std::max_element(z, z + classes) - z);
    mean += static_cast<double>(score.loss) / samples;
    for (int c = 0; c < classes; ++c)
      BOOST_TEST(
          std::abs(static_cast<double>(gradient[c]) - gradients[static_cast<std::size_t>(i * classes + c)]) < 2e-7,
          name << ", sample " << i << ", output " << c);
  }
  BOOST_TEST(std::abs(mean - expected[0]) < 1e-6 * std::max(1.0, expected[0]), name << ": " << mean);
}

/// Behind a sigmoid.
std::vector<float> probabilities() {
  std::vector<float> p = golden<float>("logits");
  for (float& x : p) x = 1 / (1 + std::exp(-x));
  return p;
}

struct Layers : Seq<Dense<6, ReLU>, Softmax<3>> {};
using Net = Network<Layers, Input<4>>;

/// Three clouds in four dimensions.
Dataset clouds(bool with_targets) {
  std::vector<float> x, targets;
  std::vector<std::int32_t> labels;
  for (std::uint32_t i = 0; i < 60; ++i) {
    const auto label = static_cast<std::int32_t>(i % 3);
    for (std::uint32_t k = 0; k < 4; ++k)
      x.push_back(philox::uniform(philox::word({philox::Key(7)}, i, k)) + (static_cast<int>(k) == label ? 1.0f : 0.0f));
    labels.push_back(label);
    for (int c = 0; c < 3; ++c) targets.push_back(c == label ? 1.0f : 0.0f);
  }
  return with_targets ? Dataset::own(Shape::vector(4), 3, std::move(x), std::move(targets))
                      : Dataset::own(Shape::vector(4), 3, std::move(x), std::move(labels));
}

template <class Loss>
void check_training(const Loss& loss) {
  const Dataset data = clouds(false);
  Model<Net> by_labels{seed(3)}, by_targets{seed(3)};
  const FitOptions options{.epochs = 30, .batch = 8, .validation = data, .progress = Progress::silent};
  const History history = fit(by_labels, data, SGD{.learning_rate = 0.5}, options, loss);
  BOOST_TEST(history.last().accuracy > 0.9, Loss::name);
  BOOST_TEST(history.last().loss < 0.6 * history.epochs[0].loss, Loss::name);
  BOOST_TEST(*history.last().validation_loss == evaluate(by_labels, data, loss).loss, Loss::name);
  fit(by_targets, clouds(true), SGD{.learning_rate = 0.5}, options, loss);
  for (std::size_t i = 0; i < by_labels.parameters().size(); ++i)
    BOOST_REQUIRE(std::abs(by_labels.parameters()[i] - by_targets.parameters()[i]) < 1e-4f);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(losses)

BOOST_AUTO_TEST_CASE(as_in_pytorch) {
  check("cross_entropy", CrossEntropy{}, Truth::labels);
  check("smoothed", CrossEntropy{.label_smoothing = 0.1}, Truth::labels);
  check("smoothed_targets", CrossEntropy{.label_smoothing = 0.2}, Truth::targets);
  check("nll", NegativeLogLikelihood{}, Truth::labels);
  check("kl", KLDivergence{}, Truth::targets);
  check("cross_entropy", KLDivergence{}, Truth::labels);
  check("mse", MeanSquaredError{}, Truth::targets);
  check("bce", BinaryCrossEntropy{}, Truth::bits);
}

BOOST_AUTO_TEST_CASE(binary_cross_entropy_of_probabilities) {
  // The gradient by p is that by z, through the sigmoid's slope p (1 - p).
  const std::vector<float> p = probabilities(), bits = golden<float>("bits");
  const std::vector<double> gradients = golden<double>("bce/gradient");
  double mean = 0;
  for (std::size_t i = 0; i < samples; ++i) {
    float gradient[classes];
    const auto score = BinaryCrossEntropy{.from_logits = false}.score(&p[i * classes], classes, {0, &bits[i * classes]},
                                                                      gradient, 1.0f / samples);
    mean += static_cast<double>(score.loss) / samples;
    for (std::size_t c = 0; c < classes; ++c) {
      const double q = static_cast<double>(p[i * classes + c]);
      BOOST_TEST(std::abs(static_cast<double>(gradient[c]) * q * (1 - q) - gradients[i * classes + c]) < 1e-6);
    }
  }
  BOOST_TEST(std::abs(mean - golden<double>("bce")[0]) < 1e-5);
  const float ends[] = {0, 1}, wrong[] = {1, 0};
  const auto at_the_ends = BinaryCrossEntropy{.from_logits = false}.score(ends, 2, {0, wrong}, nullptr, 1);
  BOOST_TEST(std::abs(at_the_ends.loss - -std::log(1e-7f)) < 0.3f);  // 1 - 1e-7 is no float
  BOOST_TEST(!at_the_ends.correct);
  const float none[] = {std::numeric_limits<float>::quiet_NaN(), 1};
  BOOST_TEST(std::isnan(BinaryCrossEntropy{.from_logits = false}.score(none, 2, {0, wrong}, nullptr, 1).loss));
}

BOOST_AUTO_TEST_CASE(right_and_wrong) {
  const float z[] = {-1, 2, -0.5f}, yes[] = {0, 1, 0}, no[] = {0, 1, 1};
  BOOST_TEST((BinaryCrossEntropy{}.score(z, 3, {1, yes}, nullptr, 1).correct));
  BOOST_TEST((!BinaryCrossEntropy{}.score(z, 3, {1, no}, nullptr, 1).correct));
  BOOST_TEST((MeanSquaredError{}.score(z, 3, {1, nullptr}, nullptr, 1).correct));
  BOOST_TEST((!KLDivergence{}.score(z, 3, {2, nullptr}, nullptr, 1).correct));
  // One output: a class on each side of one half, which is a logit of 0.
  const float quarter = 0.25f, one = 1, zero = 0;
  BOOST_TEST((BinaryCrossEntropy{}.score(&quarter, 1, {1, &one}, nullptr, 1).predicted == 1));
  BOOST_TEST((BinaryCrossEntropy{}.score(&quarter, 1, {1, &one}, nullptr, 1).correct));
  BOOST_TEST((BinaryCrossEntropy{.from_logits = false}.score(&quarter, 1, {0, &zero}, nullptr, 1).predicted == 0));
  BOOST_TEST((BinaryCrossEntropy{.from_logits = false}.score(&one, 1, {1, &one}, nullptr, 1).predicted == 1));
  BOOST_TEST((MeanSquaredError{}.score(&one, 1, {1, &one}, nullptr, 1).correct));
  BOOST_TEST((!MeanSquaredError{}.score(&quarter, 1, {1, &one}, nullptr, 1).correct));
}

BOOST_AUTO_TEST_CASE(networks_learn_by_them) {
  check_training(CrossEntropy{.label_smoothing = 0.05});
  check_training(KLDivergence{});
  check_training(MeanSquaredError{});
}

BOOST_AUTO_TEST_CASE(cross_entropy_trains_alike_behind_softmax_log_softmax_and_neither) {
  const Dataset data = clouds(false);
  const auto trained = [&]<class Closing>(detail::type_tag<Closing>, const auto& loss) {
    Model<Network<Seq<Dense<6, ReLU>, Dense<3>, Closing>, Input<4>>> model{seed(3)};
    fit(model, data, SGD{.learning_rate = 0.5}, {.epochs = 5, .batch = 8, .progress = Progress::silent}, loss);
    return std::vector<float>(model.parameters().begin(), model.parameters().end());
  };
  const std::vector<float> expected = trained(detail::type_tag<Flatten>{}, CrossEntropy{});
  BOOST_TEST(trained(detail::type_tag<Softmax<>>{}, CrossEntropy{}) == expected, boost::test_tools::per_element());
  BOOST_TEST(trained(detail::type_tag<LogSoftmax<>>{}, CrossEntropy{}) == expected, boost::test_tools::per_element());
  // The same gradient by another way, through the layer's own backward pass.
  const std::vector<float> by_layer = trained(detail::type_tag<LogSoftmax<>>{}, NegativeLogLikelihood{});
  for (std::size_t i = 0; i < expected.size(); ++i) BOOST_REQUIRE(std::abs(by_layer[i] - expected[i]) < 1e-5f);
}

BOOST_AUTO_TEST_CASE(out_of_range) {
  Model<Net> model{seed(3)};
  BOOST_TEST(message_of<Error>([&] {
               fit(model, clouds(false), SGD{}, {.progress = Progress::silent}, CrossEntropy{.label_smoothing = 1});
             }) == "CrossEntropy: label_smoothing must be at least 0 and below 1");
  Model<Network<Seq<Dense<1>>, Input<1>>> one{seed(3)};
  const std::vector<float> x{1, -1}, targets{1, 0};
  const Dataset two = Dataset::view(Shape::vector(1), 1, x, targets);
  for (const auto& message :
       {message_of<Error>([&] { fit(one, two, SGD{}, {.progress = Progress::silent}); }),
        message_of<Error>([&] { fit(one, two, SGD{}, {.progress = Progress::silent}, KLDivergence{}); })})
    BOOST_TEST(
        message.ends_with("of a single output is always 0; of two classes judge it by BinaryCrossEntropy{}, or "
                          "BinaryCrossEntropy{.from_logits = false} behind Sigmoid"));
  fit(one, two, SGD{}, {.progress = Progress::silent}, BinaryCrossEntropy{});
}

BOOST_AUTO_TEST_SUITE_END()
