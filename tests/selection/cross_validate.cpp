// Cross-validation and the range test, on small networks.
#include <strata/data/synthetic_digits.hpp>
#include <strata/selection/cross_validate.hpp>
#include <strata/selection/learning_rate_range_test.hpp>
#include <strata/train/optimizer/sgd.hpp>

#include "reference_models.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <thread>
#include <vector>

#include "io/folder.hpp"

using namespace strata;

namespace {

struct Layers : Seq<MaxPool<2>, Softmax<10>> {};
using Net = Network<Layers, Input<28, 28, 1>>;

const Dataset& digits() {
  static const Dataset data = synthetic_digits(200, 1);
  return data;
}

const FitOptions options{.epochs = 2, .batch = 16, .progress = Progress::silent};
constexpr auto silent = Progress::silent;

}  // namespace

BOOST_AUTO_TEST_SUITE(selection)

BOOST_AUTO_TEST_CASE(each_fold_validates_once) {
  const SGD rule{.learning_rate = 0.05};
  const CrossValidation one =
      cross_validate<Net>(digits(), rule, options, {.threads = 1, .seed = 4, .progress = silent});
  const CrossValidation two =
      cross_validate<Net>(digits(), rule, options, {.threads = 2, .seed = 4, .progress = silent});
  BOOST_TEST(one.complete);
  BOOST_REQUIRE(one.folds.size() == 5u);
  for (std::size_t f = 0; f < 5; ++f) {
    BOOST_TEST(one.folds[f].accuracy == two.folds[f].accuracy);
    BOOST_TEST(one.folds[f].loss == two.folds[f].loss);
    BOOST_TEST(one.folds[f].train_loss > 0);
  }
  // By hand.
  const Folds folds(digits(), 5, 4);
  Model<Net> model{seed(6)};
  fit(model, folds.train(2), rule, options);
  BOOST_TEST(evaluate(model, folds.validation(2)).loss == one.folds[2].loss);
  const Outcome mean = one;
  double sum = 0, squares = 0;
  for (const Outcome& f : one.folds) sum += f.accuracy / 5;
  for (const Outcome& f : one.folds) squares += (f.accuracy - sum) * (f.accuracy - sum) / 5;
  BOOST_TEST(std::abs(mean.accuracy - sum) < 1e-12);
  BOOST_TEST(std::abs(mean.deviation - std::sqrt(squares)) < 1e-12);
}

BOOST_AUTO_TEST_CASE(a_stop_ends_it) {
  const std::atomic<bool> stop{true};
  const CrossValidation r = cross_validate<Net>(digits(), SGD{}, {.epochs = 1000, .progress = silent},
                                                {.threads = 1, .stop = &stop, .progress = silent});
  BOOST_TEST(!r.complete);
  BOOST_TEST(r.folds.size() < 5u);
}

BOOST_AUTO_TEST_CASE(a_stop_of_fit_ends_it_too) {
  const std::atomic<bool> stop{true};
  const CrossValidation r =
      cross_validate<Net>(digits(), SGD{}, {.epochs = 2000, .progress = silent, .stop = &stop}, {.progress = silent});
  BOOST_TEST(!r.complete);
  BOOST_TEST(r.folds.size() < 5u);
}

BOOST_AUTO_TEST_CASE(epochs_of_all_folds_are_told_one_by_one) {
  int calls = 0, at_once = 0;
  std::atomic<bool> is_inside{false};
  FitOptions each = options;
  each.after_epoch = [&](const EpochRecord&) {
    at_once += is_inside.exchange(true);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    is_inside = false;
    ++calls;
  };
  cross_validate<Net>(digits(), SGD{}, each, {.threads = 5, .progress = silent});
  BOOST_TEST(calls == 10);
  BOOST_TEST(at_once == 0);
}

BOOST_AUTO_TEST_CASE(a_part_is_no_outcome) {
  CrossValidation r;
  r.folds.resize(3);
  r.folds[1].accuracy = 0.75;
  BOOST_TEST(Outcome(r).accuracy == 0.25);
  r.complete = false;
  BOOST_TEST(message_of<IncompleteTrial>([&] { static_cast<void>(Outcome(r)); }) ==
             "cross_validate: a bound or a stop ended it behind 3 folds; mean(folds) is the mean of those");
  BOOST_TEST(mean(r.folds).accuracy == 0.25);
}

BOOST_AUTO_TEST_CASE(what_fit_refuses_is_refused) {
  BOOST_TEST(message_of<Error>([&] {
               cross_validate<Net>(digits(), SGD{.learning_rate = -1}, options, {.progress = silent});
             }) == "SGD: learning_rate is -1; it must be above 0");
}

BOOST_AUTO_TEST_CASE(a_range_test_finds_where_learning_begins_and_ends) {
  Model<Net> model{seed(3)};
  fit(model, digits(), SGD{}, options);
  const std::vector<float> before(model.parameters().begin(), model.parameters().end());
  const std::int64_t steps = model.training().steps;
  const RangeTest test = learning_rate_range_test(model, digits(), SGD{.momentum = 0.5},
                                                  {.from = 1e-5, .to = 1000, .steps = 60, .batch = 16});
  BOOST_TEST(std::memcmp(before.data(), model.parameters().data(), model.parameters().size_bytes()) == 0);
  BOOST_TEST(model.training().steps == steps);
  BOOST_TEST(model.training().optimizer == "sgd");
  BOOST_TEST(test.losses.size() <= 60u);
  BOOST_TEST(test.losses.size() > 20u);  // over several epochs of 13 steps
  BOOST_TEST(std::abs(test.learning_rates[0] / 1e-5 - 1) < 1e-9);
  const double growth = std::pow(1e8, 1.0 / 59);
  for (std::size_t i = 1; i < test.learning_rates.size(); ++i)
    BOOST_TEST(std::abs(test.learning_rates[i] / test.learning_rates[i - 1] / growth - 1) < 1e-9);
  BOOST_TEST(test.suggestion > 1e-4);
  BOOST_TEST(test.suggestion <= test.least);
  BOOST_TEST(test.least < 100);
  BOOST_TEST(test.smoothed.back() > test.smoothed[20]);  // it blew up, or ended on the way
  BOOST_TEST(test.smoothed[0] == test.losses[0]);
}

BOOST_AUTO_TEST_CASE(a_whole_range_is_walked_where_nothing_breaks) {
  Model<Net> model{seed(3)};
  const RangeTest test =
      learning_rate_range_test(model, digits(), SGD{}, {.from = 1e-6, .to = 1e-4, .steps = 30, .batch = 16});
  BOOST_REQUIRE(test.losses.size() == 30u);
  BOOST_TEST(std::abs(test.learning_rates.back() / 1e-4 - 1) < 1e-9);
  BOOST_TEST(model.training().steps == 0);
}

BOOST_AUTO_TEST_CASE(a_range_test_tells_rates_from_data_that_are_not_finite) {
  Model<Net> model{seed(3)};
  Model<reference::SmallR12> deep{seed(3)};
  const RangeTestOptions how{.from = 1, .to = 1e30, .steps = 30, .batch = 16, .give_up_at = 1e30};
  const RangeTest test = learning_rate_range_test(deep, digits(), SGD{}, how);
  BOOST_TEST(test.losses.size() < 30u);
  BOOST_TEST(test.diverged == test.learning_rates.back());
  BOOST_TEST(learning_rate_range_test(model, digits(), SGD{}, {.to = 1e-4, .steps = 30, .batch = 16}).diverged == 0);
  // One pixel that is no number ends the test at a rate that has nothing to do with it.
  std::vector<float> pixels(200 * 784, 0.5f);
  std::vector<std::int32_t> labels(200);
  const Dataset data = Dataset::view(Shape::image(28, 28, 1), 10, pixels, labels);
  pixels[784 * 150 + 5] = std::numeric_limits<float>::quiet_NaN();
  BOOST_TEST(message_of<Error>([&] { learning_rate_range_test(model, data, SGD{}, {.steps = 30, .batch = 16}); }) ==
             "learning_rate_range_test: sample 150 holds nan; samples must be finite numbers");
  BOOST_CHECK_THROW(learning_rate_range_test(model, data.slice(150, 1), SGD{}, {.steps = 30}), TrainingDiverged);
}

BOOST_AUTO_TEST_CASE(a_range_test_that_is_refused_leaves_the_model) {
  Model<Net> model{seed(3)};
  fit(model, digits(), SGD{.momentum = 0.5}, options);
  const std::vector<float> before(model.parameters().begin(), model.parameters().end());
  const auto refusal = [&](const Dataset& data, const SGD& rule, const RangeTestOptions& how) {
    return message_of<Error>([&] { learning_rate_range_test(model, data, rule, how); });
  };
  BOOST_TEST(refusal(digits(), SGD{}, {.batch = 0}) == "fit: a batch of 0; it must be at least 1");
  BOOST_TEST(refusal(digits(), SGD{.momentum = 2}, {}) == "SGD: momentum is 2; it must be at least 0 and below 1");
  BOOST_TEST(refusal(digits(), SGD{}, {.from = 1, .to = 1}) ==
             "learning_rate_range_test: rates must grow from above 0");
  BOOST_TEST(refusal(digits(), SGD{}, {.steps = 2}) == "learning_rate_range_test: at least 3 steps are needed");
  for (const double ratio : {1.0, 0.0, -4.0, std::nan("")})
    BOOST_TEST(refusal(digits(), SGD{}, {.give_up_at = ratio}) ==
               "learning_rate_range_test: give_up_at must be above 1");
  BOOST_TEST(refusal(Dataset{}, SGD{}, {}) == "learning_rate_range_test: the data set has no sample");
  BOOST_TEST(std::memcmp(before.data(), model.parameters().data(), model.parameters().size_bytes()) == 0);
  BOOST_TEST(model.training().steps == 26);
  BOOST_TEST(model.training().moments.size() > 0u);
}

BOOST_AUTO_TEST_SUITE_END()
