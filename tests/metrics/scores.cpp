// Measures of made-up scores: what is refused, ties by hand, and the scores of a model against evaluate.
#include <strata/losses.hpp>
#include <strata/metrics.hpp>
#include <strata/strata.hpp>

#include "reference_models.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "io/folder.hpp"

using namespace strata;

namespace {

struct Ends : Seq<Dense<3>> {};
struct Sure : Seq<Dense<3>, Softmax<>> {};
using Logits = Network<Ends, Input<3>>;
using Probabilities = Network<Sure, Input<3>>;

struct EndsInOne : Seq<Dense<1>> {};
struct SureOfOne : Seq<Dense<1, Sigmoid>> {};
using OneLogit = Network<EndsInOne, Input<1>>;
using OneProbability = Network<SureOfOne, Input<1>>;

/// A model whose output is its input, or the sigmoid of it.
template <class Net>
Model<Net> one_output() {
  Model<Net> model{seed(1), threads(1)};
  model.tensor("dense_1/kernel")[0] = 1;
  return model;
}

template <class Net>
Model<Net> identity() {
  Model<Net> model{seed(1), threads(1)};
  const std::span<float> kernel = model.tensor("dense_1/kernel");
  for (std::size_t i = 0; i < 9; ++i) kernel[i] = i % 4 == 0 ? 1.0f : 0.0f;
  return model;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(metrics_scores)

BOOST_AUTO_TEST_CASE(what_is_no_score_is_refused) {
  const std::vector<std::int32_t> labels{0, 1}, wrong{0, 2};
  const std::vector<float> values{.5f, .5f, .25f, .75f}, five(5), none{.5f, .5f, std::nanf(""), 1};
  const auto message = [](auto f) { return message_of<Error>(f); };
  BOOST_TEST(message([&] { ScoresView({}, values); }) == "Scores: there is no sample");
  BOOST_TEST(message([&] { ScoresView(labels, {}); }) ==
             "Scores: 0 values for 2 samples; each sample has one for each class");
  BOOST_TEST(message([&] { ScoresView(labels, five); }) ==
             "Scores: 5 values for 2 samples; each sample has one for each class");
  BOOST_TEST(message([&] { ScoresView(wrong, values); }) ==
             "Scores: the label of sample 1 is 2; labels of 2 classes go from 0 to 1");
  BOOST_TEST(message([&] { ScoresView(labels, none); }) ==
             "Scores: the value of class 0 of sample 1 is nan; values are finite numbers");
  const ScoresView view(labels, values);
  for (int c : {-1, 2}) {
    const std::string there_is_none =
        "Scores: there is no class " + std::to_string(c) + " among 2; classes count from 0";
    BOOST_TEST(message([&] { ranking(view, c); }) == there_is_none);
    BOOST_TEST(message([&] { roc_curve(view, c); }) == there_is_none);
    BOOST_TEST(message([&] { average_precision(view, c); }) == there_is_none);
  }
  BOOST_TEST(message([&] { top_k_accuracy(view, 0); }) == "top_k_accuracy: k is 0; it is at least 1");
  const std::vector<float> logits{2, 0, 0, 1};
  BOOST_TEST(message([&] {
               log_loss({labels, logits});
             }) == "log_loss: the value of class 0 of sample 0 is 2.000000; probabilities lie between 0 and 1");
  BOOST_TEST(message([&] { confusion_matrix(labels, std::vector<std::int32_t>{1}, 2); }) ==
             "confusion_matrix: 2 labels and 1 predictions");
  BOOST_TEST(message([&] { confusion_matrix(labels, wrong, 2); }) ==
             "confusion_matrix: sample 1 has class 2; 2 classes go from 0 to 1");
  BOOST_TEST(message([&] { confusion_matrix(labels, labels, 0); }) ==
             "confusion_matrix: 0 classes; it takes at least one");
  BOOST_TEST(message([&] { binary_ranking(labels, values); }) == "binary_ranking: 2 labels and 4 scores");
  BOOST_TEST(message([&] {
               binary_ranking(wrong, std::vector<float>{0, 1});
             }) == "binary_ranking: the label of sample 1 is 2; it is 0 or 1");
  BOOST_TEST(message([&] {
               binary_ranking(labels, std::vector<float>{0, INFINITY});
             }) == "binary_ranking: the score of sample 1 is inf; scores are finite numbers");
}

BOOST_AUTO_TEST_CASE(ties_are_one_step) {
  // Scores 3 3 2 2 2 1, positive + - + - - -.
  const std::vector<std::int32_t> labels{1, 0, 1, 0, 0, 0};
  const std::vector<float> scores{3, 3, 2, 2, 2, 1};
  const Ranking r = binary_ranking(labels, scores);
  BOOST_TEST(r.thresholds == (std::vector<float>{3, 2, 1}), boost::test_tools::per_element());
  BOOST_TEST(r.true_positives == (std::vector<std::int64_t>{1, 2, 2}), boost::test_tools::per_element());
  BOOST_TEST(r.false_positives == (std::vector<std::int64_t>{1, 3, 4}), boost::test_tools::per_element());
  // Of 8 pairs: 1/2 + 3 for the first positive, 0 + 1/2 + 1/2 + 1 for the second.
  BOOST_TEST(roc_auc(r) == 5.5 / 8);
  BOOST_TEST(std::abs(average_precision(r) - (.5 * 1 / 2 + .5 * 2 / 5)) < 1e-15);
}

BOOST_AUTO_TEST_CASE(of_equal_values_the_first_is_the_prediction) {
  const std::vector<std::int32_t> labels{0, 1};
  const std::vector<float> values{.25f, .25f, .25f, 0, .5f, .5f};
  BOOST_TEST(predictions({labels, values}) == (std::vector<std::int32_t>{0, 1}), boost::test_tools::per_element());
  BOOST_TEST(confusion_matrix({labels, values}).accuracy() == 1);
  BOOST_TEST(top_k_accuracy({labels, values}, 1) == 0);  // where the last of equals is the largest
  BOOST_TEST(top_k_accuracy({labels, values}, 2) == .5);
}

BOOST_AUTO_TEST_CASE(no_sample_has_no_measure_but_a_report) {
  const ConfusionMatrix none(2);
  BOOST_TEST(none.accuracy() == 0);
  BOOST_TEST(none.weighted_average().f1 == 0);
  BOOST_TEST(classification_report(none).find("accuracy                           0.00         0\n") !=
             std::string::npos);
  BOOST_TEST(classification_report(ConfusionMatrix()).find("macro avg") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_confusion_as_a_table) {
  ConfusionMatrix confusion(2);
  confusion.add(0, 1);
  BOOST_TEST(to_string(confusion) ==
             "confusion: rows are labels, columns predictions\n"
             "             0     1\n"
             "       0     0     1\n"
             "       1     0     0\n");
  confusion.counts[3] = 1'234'567;  // columns are as wide as they have to be
  BOOST_TEST(to_string(confusion).find("       1       0 1234567\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(scores_of_a_model_agree_with_evaluate) {
  Model<reference::SmallR5> model{seed(2), threads(2)};
  fit(model, synthetic_digits(200, 3), Adam{}, {.epochs = 1, .batch = 50, .progress = Progress::silent});
  const Dataset data = synthetic_digits(613, 4);
  const Evaluation e = evaluate(model, data);
  const Scores of_data = scores(model, data);
  BOOST_TEST(of_data.values == predict(model, data), boost::test_tools::per_element());
  BOOST_TEST((confusion_matrix(of_data) == e.confusion));
  BOOST_TEST(e.confusion.accuracy() == e.accuracy);
  BOOST_TEST(std::abs(log_loss(of_data) - e.loss) < 1e-5);  // float probabilities, as in model/evaluate
  Predictor<reference::SmallR5> predictor{model};
  BOOST_TEST(scores(predictor, data).labels == of_data.labels, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(logits_become_probabilities) {
  const std::vector<float> z{3, 1, 0, 200, 0, 1, 0, -500, 1};
  const std::vector<std::int32_t> labels{0, 2, 1};
  const Dataset data = Dataset::view(Shape::vector(3), 3, z, labels);
  auto logits = identity<Logits>();
  auto probabilities = identity<Probabilities>();
  const Scores a = scores(logits, data), b = scores(probabilities, data);
  BOOST_TEST(b.values == predict(probabilities, data), boost::test_tools::per_element());
  // Rounded once from double; the model's own softmax is one of floats: 2^-21 of a sum of 1.
  for (std::size_t i = 0; i < z.size(); ++i) BOOST_TEST(std::abs(a.values[i] - b.values[i]) < 0x1p-21f);
  // Logits need no negative one among them to be none.
  const Scores positive = scores(logits, data.take(1));
  BOOST_TEST(positive.values[0] + positive.values[1] + positive.values[2] > 1 - 0x1p-21f);
  BOOST_TEST(positive.values[0] + positive.values[1] + positive.values[2] < 1 + 0x1p-21f);
  const double sum = std::exp(3.) + std::exp(1.) + 1;
  BOOST_TEST(a.values[0] == static_cast<float>(std::exp(3. - 3) / (sum / std::exp(3.))));
  BOOST_TEST(message_of<Error>([&] { scores(logits, Dataset::view(Shape::vector(3), z)); }) ==
             "scores: the data set has no labels; build it with labels or one-hot targets");
}

BOOST_AUTO_TEST_CASE(one_output_is_the_probability_of_class_1) {
  // The last logit is above 0, and below one half as a probability would be.
  const std::vector<float> z{-2, 3, 1, -1, 0, 0.25f}, targets{0, 1, 0, 1, 0, 1};
  const Dataset data = Dataset::view(Shape::vector(1), 1, z, targets);
  auto logit = one_output<OneLogit>();
  auto probability = one_output<OneProbability>();
  const Scores of_logits = scores(logit, data), of_probabilities = scores(probability, data);
  for (const Scores& s : {of_logits, of_probabilities}) {
    const ScoresView view = s;
    BOOST_REQUIRE(view.classes() == 2);
    BOOST_TEST(s.labels == (std::vector<std::int32_t>{0, 1, 0, 1, 0, 1}), boost::test_tools::per_element());
    for (std::int64_t i = 0; i < view.size(); ++i) {
      const double p = 1 / (1 + std::exp(-static_cast<double>(z[static_cast<std::size_t>(i)])));
      BOOST_TEST(std::abs(static_cast<double>(view.row(i)[1]) - p) < 0x1p-21);
      BOOST_TEST(view.row(i)[0] == 1 - view.row(i)[1]);
    }
    BOOST_TEST(predictions(s) == (std::vector<std::int32_t>{0, 1, 1, 0, 0, 1}), boost::test_tools::per_element());
    // Of 9 pairs of a positive and a negative sample, -1 lies below 1 and 0, and 0.25 below 1.
    BOOST_TEST(roc_auc(s, 1) == 6. / 9);
    BOOST_TEST(roc_auc(s) == 6. / 9);
    // From the largest down: right, wrong, right, wrong, right, wrong.
    BOOST_TEST(std::abs(average_precision(s, 1) - (1. + 2. / 3 + 3. / 5) / 3) < 1e-15);
    BOOST_TEST(precision_recall_curve(s, 1).precision.size() == 7u);
    BOOST_TEST(top_k_accuracy(s, 1) == 3. / 6);  // of equals class 1 is ahead there
  }
  BOOST_TEST((confusion_matrix(of_probabilities) ==
              evaluate(probability, data, BinaryCrossEntropy{.from_logits = false}).confusion));
  BOOST_TEST((confusion_matrix(of_logits) == evaluate(logit, data, BinaryCrossEntropy{}).confusion));
  BOOST_TEST(std::abs(log_loss(of_logits) - evaluate(logit, data, BinaryCrossEntropy{}).loss) < 1e-6);
  // Logits need not look like any to be taken for them.
  BOOST_TEST(std::abs(scores(logit, data.drop(5)).values[1] - 1 / (1 + std::exp(-.25f))) < 0x1p-21f);
}

BOOST_AUTO_TEST_CASE(scores_of_two_classes_take_probabilities) {
  const std::vector<float> p{0, .75f, 1}, high{0, .5f, 1.5f};
  const Scores of = binary_scores({0, 1, 1}, p);
  BOOST_TEST(of.values == (std::vector<float>{1, 0, .25f, .75f, 0, 1}), boost::test_tools::per_element());
  BOOST_TEST(message_of<Error>([&] {
               binary_scores({0, 1}, p);
             }) == "binary_scores: 2 labels and 3 probabilities of class 1");
  BOOST_TEST(message_of<Error>([&] {
               binary_scores({0, 1, 1}, high);
             }) == "binary_scores: the value of sample 2 is 1.500000; probabilities lie between 0 and 1");
}

BOOST_AUTO_TEST_SUITE_END()
