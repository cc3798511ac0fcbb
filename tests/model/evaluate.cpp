// Measures of a model on labelled data, against a confusion matrix made by hand and against its predictions.
#include <strata/losses.hpp>
#include <strata/model/evaluate.hpp>

#include "reference_models.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "io/folder.hpp"

using namespace strata;

namespace {

struct Three : Seq<Softmax<3>> {};
using Logits = Network<Three, Input<3>>;

/// A model whose logits are its inputs.
Model<Logits> identity() {
  Model<Logits> model{seed(1), threads(2)};
  const std::span<float> kernel = model.tensor("dense_1/kernel");
  for (std::size_t i = 0; i < 9; ++i) kernel[i] = i % 4 == 0 ? 1.0f : 0.0f;
  return model;
}

constexpr double tolerance = 1e-6;

double loss_of(const float* z, int label) {
  double sum = 0;
  for (int c = 0; c < 3; ++c) sum += std::exp(static_cast<double>(z[c]));
  return std::log(sum) - static_cast<double>(z[label]);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(model_evaluate)

BOOST_AUTO_TEST_CASE(a_confusion_made_by_hand) {
  // Labels 0 0 0 0 1 1 2 2 are taken for 0 0 1 2 1 1 0 0: nothing is taken for what class 2 holds.
  const std::vector<float> z{3, 1, 0, 2, 0, 1, 0, 5, 1, 1, 0, 2, -1, 0, -2, 0, 4, 1, 2, 1, 1, 9, 8, 7};
  const std::vector<std::int32_t> labels{0, 0, 0, 0, 1, 1, 2, 2};
  auto model = identity();
  const Evaluation e = evaluate(model, Dataset::view(Shape::vector(3), 3, z, labels));
  BOOST_TEST(e.samples == 8);
  BOOST_TEST(e.confusion.classes == 3);
  BOOST_TEST(e.confusion.counts == (std::vector<std::int64_t>{2, 1, 1, 0, 2, 0, 2, 0, 0}),
             boost::test_tools::per_element());
  BOOST_TEST(e.confusion.count(0, 2) == 1);
  BOOST_TEST(e.confusion.count(2, 0) == 2);
  BOOST_TEST(e.accuracy == 4.0 / 8);
  double loss = 0;
  for (std::size_t i = 0; i < 8; ++i) loss += loss_of(&z[3 * i], labels[i]) / 8;
  BOOST_TEST(std::abs(e.loss - loss) < tolerance);

  const ClassScore zero = e.confusion.score(0), one = e.confusion.score(1), two = e.confusion.score(2);
  BOOST_TEST(zero.precision == 2.0 / 4);
  BOOST_TEST(zero.recall == 2.0 / 4);
  BOOST_TEST(zero.f1 == 0.5);
  BOOST_TEST(zero.support == 4);
  BOOST_TEST(one.precision == 2.0 / 3);
  BOOST_TEST(one.recall == 1.0);
  BOOST_TEST(std::abs(one.f1 - 0.8) < 1e-15);
  BOOST_TEST(one.support == 2);
  BOOST_TEST(two.precision == 0);  // one was taken for it, and wrongly
  BOOST_TEST(two.recall == 0);
  BOOST_TEST(two.f1 == 0);
  BOOST_TEST(two.support == 2);

  const std::string text = to_string(e);
  BOOST_TEST(text.find("accuracy 0.5000   loss ") == 0u);
  BOOST_TEST(text.find("           1     0.6667    1.0000    0.8000         2\n") != std::string::npos, text);
  BOOST_TEST(text.find("   macro avg     0.3889    0.5000    0.4333         8\n") != std::string::npos, text);
  BOOST_TEST(to_string(e, 2).find("   macro avg       0.39      0.50      0.43         8\n") != std::string::npos);
  BOOST_TEST(text.find("       0     2     1     1\n") != std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(a_class_nobody_is_in_or_is_taken_for_scores_zero) {
  const std::vector<float> z{1, 0, 0};
  const std::vector<std::int32_t> labels{0};
  auto model = identity();
  const Evaluation e = evaluate(model, Dataset::view(Shape::vector(3), 3, z, labels));
  BOOST_TEST(e.accuracy == 1);
  BOOST_TEST(e.confusion.score(1).precision == 0);
  BOOST_TEST(e.confusion.score(1).recall == 0);
  BOOST_TEST(e.confusion.score(1).f1 == 0);
  BOOST_TEST(e.confusion.score(1).support == 0);
}

BOOST_AUTO_TEST_CASE(one_hot_targets_are_as_good_as_labels) {
  const std::vector<float> z{3, 1, 0, 2, 0, 1, 0, 5, 1};
  const std::vector<std::int32_t> labels{0, 2, 1};
  const std::vector<float> targets{1, 0, 0, 0, 0, 1, 0, 1, 0};
  auto model = identity();
  const Evaluation a = evaluate(model, Dataset::view(Shape::vector(3), 3, z, labels));
  const Evaluation b = evaluate(model, Dataset::view(Shape::vector(3), 3, z, targets));
  BOOST_TEST(a.loss == b.loss);
  BOOST_TEST(a.accuracy == b.accuracy);
  BOOST_TEST(a.confusion.counts == b.confusion.counts, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(more_samples_than_one_batch_holds_agree_with_predictions) {
  Model<reference::SmallR5> model{seed(2), threads(2)};
  fit(model, synthetic_digits(200, 3), Adam{}, {.epochs = 1, .batch = 50, .progress = Progress::silent});
  const Dataset data = synthetic_digits(613, 4);
  const Evaluation e = evaluate(model, data);
  const std::vector<float> p = predict(model, data);
  double loss = 0, right = 0;
  std::vector<std::int64_t> confusion(100);
  for (std::int64_t i = 0; i < data.size(); ++i) {
    const float* row = p.data() + 10 * i;
    const auto said = std::max_element(row, row + 10) - row;
    loss -= std::log(static_cast<double>(row[data.label(i)])) / static_cast<double>(data.size());
    right += said == data.label(i);
    ++confusion[static_cast<std::size_t>(data.label(i) * 10 + said)];
  }
  BOOST_TEST(std::abs(e.loss - loss) < 1e-5);
  BOOST_TEST(e.accuracy == right / static_cast<double>(data.size()));
  BOOST_TEST(e.confusion.counts == confusion, boost::test_tools::per_element());
  // Looking at a model does not change it.
  const Evaluation again = evaluate(model, data);
  BOOST_TEST(again.loss == e.loss);
}

BOOST_AUTO_TEST_CASE(one_output_tells_two_classes_apart) {
  struct One : Seq<Dense<1>> {};
  Model<Network<One, Input<1>>> model{seed(1), threads(2)};
  model.tensor("dense_1/kernel")[0] = 1;
  const std::vector<float> z{-2, 3, 0.25f, -1, 0, 4}, targets{0, 1, 0, 1, 0, 1};
  const Dataset data = Dataset::view(Shape::vector(1), 1, z, targets);
  const Evaluation e = evaluate(model, data, BinaryCrossEntropy{});
  BOOST_REQUIRE(e.confusion.classes == 2);
  BOOST_TEST(e.confusion.counts == (std::vector<std::int64_t>{2, 1, 1, 2}), boost::test_tools::per_element());
  BOOST_TEST(e.accuracy == 4.0 / 6);
  BOOST_TEST(e.confusion.accuracy() == e.accuracy);
  BOOST_TEST(e.confusion.score(1).precision == 2.0 / 3);
  // As probabilities, half of which lie above one half: 0.25 is below.
  const Evaluation p = evaluate(model, data, MeanSquaredError{});
  BOOST_TEST(p.confusion.counts == (std::vector<std::int64_t>{3, 0, 1, 2}), boost::test_tools::per_element());
  BOOST_TEST(p.accuracy == 5.0 / 6);
  BOOST_TEST(message_of<Error>([&] { evaluate(model, data); }) ==
             "evaluate: the cross_entropy of a single output is always 0; of two classes judge it by "
             "BinaryCrossEntropy{}, or BinaryCrossEntropy{.from_logits = false} behind Sigmoid");
}

BOOST_AUTO_TEST_CASE(data_that_does_not_suit_the_network_is_refused) {
  auto model = identity();
  const std::vector<float> z{1, 0, 0, 0, 1, 0};
  const std::vector<std::int32_t> labels{0, 1}, three{0, 1, 1};
  auto message = [&](const Dataset& data) { return message_of<Error>([&] { evaluate(model, data); }); };
  BOOST_TEST(message(Dataset::view(Shape::vector(3), z)) ==
             "evaluate: the data set has no labels; build it with labels or one-hot targets");
  BOOST_TEST(message(Dataset::view(Shape::vector(3), 4, z, labels)) ==
             "evaluate: the data set has 4 classes, but the network ends in 3; its last layer should be Softmax<4>");
  BOOST_TEST(
      message(Dataset::view(Shape::vector(2), 3, z, three)) ==
      "evaluate: samples of 2, but the network takes 3; give Input<...> the shape of the data, or resize the data");
  BOOST_TEST(message({}) == "evaluate: the data set has no sample");
}

BOOST_AUTO_TEST_SUITE_END()
