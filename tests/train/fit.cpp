// fit: what it trains on, what it reports, and when it stops or refuses.
#include <strata/train/fit.hpp>

#include "reference_models.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "io/folder.hpp"

using namespace strata;
using reference::SmallR12;
using reference::SmallR5;

namespace {

constexpr auto silent = Progress::silent;

template <class Net>
bool same_parameters(const Model<Net>& a, const Model<Net>& b) {
  return std::memcmp(a.parameters().data(), b.parameters().data(), a.parameters().size_bytes()) == 0;
}

/// Softmax regression of 4 inputs on 3 classes: a net small enough to be trained by hand.
struct Regression : Seq<Softmax<3>> {};
using Small = Network<Regression, Input<4>>;

struct Table {
  std::vector<float> x{0.5f, -1, 2,    0.25f, 1, 0.5f, -0.75f, 1, -2, 1, 0.5f,  0,     0.25f, 0.125f, 1, -1,
                       2,    1,  0.5f, -0.5f, 0, 1,    1,      3, 1,  2, -1.5f, -0.5f, 0.75f, 0,      0, 1};
  std::vector<std::int32_t> labels{0, 2, 1, 1, 0, 2, 1, 0};
  Dataset data() const { return Dataset::view(Shape::vector(4), 3, x, labels); }
};

/// The same regression in double, step by step.
struct ByHand {
  double w[4][3] = {}, b[3] = {};
  double loss = 0;
  int right = 0;

  explicit ByHand(Model<Small>& model) {
    for (std::size_t i = 0; i < 12; ++i) w[i / 3][i % 3] = static_cast<double>(model.tensor("dense_1/kernel")[i]);
  }

  /// One step of gradient descent on samples [first, last), averaged over as many as there are.
  void step(const Table& t, std::size_t first, std::size_t last, double rate) {
    double dw[4][3] = {}, db[3] = {};
    const auto n = static_cast<double>(last - first);
    for (std::size_t s = first; s < last; ++s) {
      double z[3], sum = 0;
      const auto label = static_cast<std::size_t>(t.labels[s]);
      for (std::size_t c = 0; c < 3; ++c) {
        z[c] = b[c];
        for (std::size_t i = 0; i < 4; ++i) z[c] += static_cast<double>(t.x[4 * s + i]) * w[i][c];
        sum += std::exp(z[c]);
      }
      loss += std::log(sum) - z[label];
      bool largest = true;
      for (std::size_t c = 0; c < 3; ++c) {
        largest = largest && z[c] <= z[label];
        const double g = (std::exp(z[c]) / sum - (c == label)) / n;
        db[c] += g;
        for (std::size_t i = 0; i < 4; ++i) dw[i][c] += g * static_cast<double>(t.x[4 * s + i]);
      }
      right += largest;
    }
    for (std::size_t c = 0; c < 3; ++c) {
      b[c] -= rate * db[c];
      for (std::size_t i = 0; i < 4; ++i) w[i][c] -= rate * dw[i][c];
    }
  }

  /// The largest difference from a model's parameters.
  double distance(Model<Small>& model) const {
    double worst = 0;
    for (std::size_t i = 0; i < 12; ++i)
      worst = std::max(worst, std::abs(static_cast<double>(model.tensor("dense_1/kernel")[i]) - w[i / 3][i % 3]));
    for (std::size_t c = 0; c < 3; ++c)
      worst = std::max(worst, std::abs(static_cast<double>(model.tensor("dense_1/bias")[c]) - b[c]));
    return worst;
  }
};

/// Cross-entropy that raises a flag when it has seen a number of samples in training.
struct FlaggingLoss : CrossEntropy {
  static inline std::atomic<int> seen{0};
  static inline int flag_at = 0;
  static inline std::atomic<bool> flag{false};

  detail::SampleScore score(const float* z, int classes, const detail::SampleTruth& truth, float* gradient,
                            float scale) const {
    if (gradient != nullptr && ++seen == flag_at) flag = true;
    return CrossEntropy::score(z, classes, truth, gradient, scale);
  }
};

struct Normalised : Seq<Dense<6>, BatchNorm<>, ReLU, Softmax<3>> {};
using WithState = Network<Normalised, Input<4>>;

}  // namespace

BOOST_AUTO_TEST_SUITE(train_fit)

BOOST_AUTO_TEST_CASE(a_net_learns) {
  Model<SmallR12> model{seed(1), threads(2)};
  const Dataset train = synthetic_digits(1500, 1), test = synthetic_digits(500, 1, 1500);
  const Evaluation before = evaluate(model, test);
  const History history =
      fit(model, train, Adam{.learning_rate = 5e-3}, {.epochs = 6, .validation = test, .progress = silent});
  BOOST_TEST(history.epochs.size() == 6u);
  BOOST_TEST(history.last().loss < history.epochs[0].loss / 2);
  BOOST_TEST(history.last().accuracy > history.epochs[0].accuracy + 0.2);
  BOOST_TEST(*history.last().validation_loss < before.loss / 2);
  BOOST_TEST(*history.last().validation_accuracy > 0.7);
  BOOST_TEST(before.accuracy < 0.3);
  for (std::size_t e = 0; e < 6; ++e) {
    BOOST_TEST(history.epochs[e].epoch == static_cast<std::int64_t>(e) + 1);
    BOOST_TEST(history.epochs[e].samples == 1500);
    BOOST_TEST(history.epochs[e].complete);
    BOOST_TEST(history.epochs[e].seconds > 0);
    BOOST_TEST(history.epochs[e].images_per_second > 0);
  }
  BOOST_TEST(!history.stopped);
  BOOST_TEST(history.seconds >= history.last().seconds);
  BOOST_TEST(model.training().epochs == 6);
  BOOST_TEST(model.training().steps == 6 * 47);
}

BOOST_AUTO_TEST_CASE(the_partial_batch_counts_by_its_true_size) {
  const Table t;
  Model<Small> model{seed(3), threads(2)};
  ByHand hand(model);
  const History history =
      fit(model, t.data(), SGD{.learning_rate = 0.5}, {.epochs = 1, .batch = 3, .shuffle = false, .progress = silent});
  hand.step(t, 0, 3, 0.5);
  hand.step(t, 3, 6, 0.5);
  hand.step(t, 6, 8, 0.5);  // the last two, averaged over two
  BOOST_TEST(hand.distance(model) < 1e-6);
  BOOST_TEST(std::abs(history.last().loss - hand.loss / 8) < 1e-6);  // a mean over samples, not over batches
  BOOST_TEST(history.last().accuracy == hand.right / 8.0);
  BOOST_TEST(history.last().samples == 8);
  BOOST_TEST(model.training().steps == 3);
}

BOOST_AUTO_TEST_CASE(the_partial_batch_can_be_left_out) {
  const Table t;
  Model<Small> model{seed(3), threads(1)};
  ByHand hand(model);
  const History history = fit(model, t.data(), SGD{.learning_rate = 0.5},
                              {.epochs = 1, .batch = 3, .drop_last = true, .shuffle = false, .progress = silent});
  hand.step(t, 0, 3, 0.5);
  hand.step(t, 3, 6, 0.5);
  BOOST_TEST(hand.distance(model) < 1e-6);
  BOOST_TEST(history.last().samples == 6);
  BOOST_TEST(std::abs(history.last().loss - hand.loss / 6) < 1e-6);
}

BOOST_AUTO_TEST_CASE(a_batch_larger_than_the_data_is_all_of_it) {
  const Table t;
  Model<Small> model{seed(3), threads(1)};
  ByHand hand(model);
  fit(model, t.data(), SGD{.learning_rate = 0.5}, {.epochs = 2, .batch = 1000, .shuffle = false, .progress = silent});
  hand.step(t, 0, 8, 0.5);
  hand.step(t, 0, 8, 0.5);
  BOOST_TEST(hand.distance(model) < 1e-6);
  BOOST_TEST(model.training().steps == 2);
}

BOOST_AUTO_TEST_CASE(shuffling_takes_another_order_in_each_epoch_and_every_sample_once) {
  const Table t;
  Model<Small> shuffled{seed(11), threads(1)}, ordered{seed(11), threads(1)};
  fit(shuffled, t.data(), SGD{.learning_rate = 0.5}, {.epochs = 3, .batch = 3, .progress = silent});
  std::vector<std::vector<std::uint64_t>> orders;
  for (std::uint64_t epoch = 0; epoch < 3; ++epoch) {
    const Permutation order(8, 11, epoch);
    Table moved;
    orders.emplace_back();
    for (std::uint64_t i = 0; i < 8; ++i) {
      orders.back().push_back(order(i));
      moved.labels[i] = t.labels[order(i)];
      for (std::size_t k = 0; k < 4; ++k) moved.x[4 * i + k] = t.x[4 * order(i) + k];
    }
    fit(ordered, moved.data(), SGD{.learning_rate = 0.5},
        {.epochs = 1, .batch = 3, .shuffle = false, .progress = silent});
  }
  BOOST_TEST(same_parameters(shuffled, ordered));
  BOOST_TEST((orders[0] != orders[1] && orders[1] != orders[2]));
}

BOOST_AUTO_TEST_CASE(one_hot_targets_train_as_labels_do) {
  const Dataset digits = synthetic_digits(130, 1);
  std::vector<float> targets(1300);
  for (std::size_t i = 0; i < 130; ++i)
    targets[10 * i + static_cast<std::size_t>(digits.label(static_cast<std::int64_t>(i)))] = 1;
  const Dataset one_hot = Dataset::view(digits.shape(), 10, digits.bytes(), targets);
  Model<SmallR5> a{seed(2), threads(2)}, b{seed(2), threads(2)};
  const History x = fit(a, digits, Adam{}, {.epochs = 2, .progress = silent});
  const History y = fit(b, one_hot, Adam{}, {.epochs = 2, .progress = silent});
  BOOST_TEST(same_parameters(a, b));
  BOOST_TEST(x.last().loss == y.last().loss);
  BOOST_TEST(x.last().accuracy == y.last().accuracy);
}

BOOST_AUTO_TEST_CASE(validation_data_is_looked_at_and_not_learnt) {
  const Dataset train = synthetic_digits(200, 1), other = synthetic_digits(90, 2);
  Model<SmallR5> with{seed(2), threads(2)}, without{seed(2), threads(2)};
  const History history = fit(with, train, Adam{}, {.epochs = 2, .batch = 64, .validation = other, .progress = silent});
  fit(without, train, Adam{}, {.epochs = 2, .batch = 64, .progress = silent});
  BOOST_TEST(same_parameters(with, without));
  const Evaluation e = evaluate(with, other);
  BOOST_REQUIRE(history.last().validation_loss.has_value());
  BOOST_TEST(*history.last().validation_loss == e.loss);
  BOOST_TEST(*history.last().validation_accuracy == e.accuracy);
}

BOOST_AUTO_TEST_CASE(a_split_keeps_the_last_part_for_validation) {
  const Dataset data = synthetic_digits(100, 1);
  Model<SmallR12> split{seed(2), threads(1)}, parts{seed(2), threads(1)};
  const History a = fit(split, data, SGD{}, {.epochs = 1, .validation_split = 0.3, .progress = silent});
  const History b = fit(parts, data.take(70), SGD{}, {.epochs = 1, .validation = data.drop(70), .progress = silent});
  BOOST_TEST(same_parameters(split, parts));
  BOOST_TEST(a.last().samples == 70);
  BOOST_TEST(*a.last().validation_loss == *b.last().validation_loss);
  BOOST_TEST(!fit(split, data, SGD{}, {.epochs = 1, .progress = silent}).last().validation_loss.has_value());
}

BOOST_AUTO_TEST_CASE(a_loss_that_is_no_number_stops_the_run_before_it_does_harm) {
  Table t;
  t.x[4 * 5 + 2] = std::numeric_limits<float>::quiet_NaN();  // sample 5: step 3 of batches of 2
  Model<WithState> model{seed(3), threads(2)}, until{seed(3), threads(2)};
  const FitOptions options{.epochs = 4, .batch = 2, .shuffle = false, .progress = silent};
  std::int64_t epoch = 0, step = 0;
  std::string message;
  try {
    fit(model, t.data(), Adam{.learning_rate = 0.05}, options);
  } catch (const TrainingDiverged& e) {
    epoch = e.epoch;
    step = e.step;
    message = e.what();
  }
  BOOST_TEST(epoch == 1);
  BOOST_TEST(step == 3);
  BOOST_TEST(
      message ==
      "training diverged: the loss is nan in epoch 1, step 3; try a learning rate below 0.05, look for values that "
      "are not finite in the data, or add batch normalisation");
  // Weights, running averages and moments are those after two steps.
  fit(until, t.data().take(4), Adam{.learning_rate = 0.05}, {.batch = 2, .shuffle = false, .progress = silent});
  BOOST_TEST(same_parameters(model, until));
  BOOST_TEST(model.training().steps == 2);
  BOOST_TEST(model.training().epochs == 0);
  BOOST_TEST(std::memcmp(model.training().moments.data(), until.training().moments.data(),
                         until.training().moments.size()) == 0);
  // And training can go on with better data.
  BOOST_TEST(std::isfinite(fit(model, Table().data(), Adam{}, options).last().loss));
}

BOOST_AUTO_TEST_CASE(a_nan_in_an_image_is_noticed_behind_any_layer) {
  std::vector<float> pixels(40 * 784);
  std::vector<std::int32_t> labels(40);
  const Dataset digits = synthetic_digits(40, 1);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<float>(digits.bytes()[i]) / 255;
  for (std::size_t i = 0; i < 40; ++i) labels[i] = digits.label(static_cast<std::int64_t>(i));
  pixels[784 * 17 + 400] = std::numeric_limits<float>::quiet_NaN();
  const Dataset data = Dataset::view(digits.shape(), 10, pixels, labels);
  Model<SmallR12> a{seed(1), threads(1)};
  Model<SmallR5> b{seed(1), threads(1)};
  struct Rectified : Seq<Conv<3, 5, ReLU>, AvgPool<2>, Dense<8, ReLU>, Softmax<10>> {};
  Model<Network<Rectified, Input<28, 28, 1>>> c{seed(1), threads(1)};
  BOOST_CHECK_THROW(fit(a, data, SGD{}, {.progress = silent}), TrainingDiverged);
  BOOST_CHECK_THROW(fit(b, data, SGD{}, {.progress = silent}), TrainingDiverged);
  BOOST_CHECK_THROW(fit(c, data, SGD{}, {.progress = silent}), TrainingDiverged);
}

BOOST_AUTO_TEST_CASE(a_learning_rate_too_high_is_told) {
  Model<SmallR12> model{seed(1), threads(1)};
  BOOST_CHECK_THROW(fit(model, synthetic_digits(320, 1), SGD{.learning_rate = 1e20}, {.epochs = 3, .progress = silent}),
                    TrainingDiverged);
}

BOOST_AUTO_TEST_CASE(a_stop_ends_the_run_after_the_step) {
  const Dataset data = synthetic_digits(200, 1);
  Model<SmallR12> model{seed(1), threads(2)}, until{seed(1), threads(2)};
  FlaggingLoss::seen = 0;
  FlaggingLoss::flag = false;
  FlaggingLoss::flag_at = 32 * 7 + 8 + 5;  // in the second epoch, which begins after 200 samples, in its second step
  const History history =
      fit(model, data, SGD{},
          {.epochs = 5, .validation = data.take(50), .progress = silent, .stop = &FlaggingLoss::flag}, FlaggingLoss{});
  BOOST_TEST(history.stopped);
  BOOST_TEST(history.epochs.size() == 2u);
  BOOST_TEST(history.epochs[0].complete);
  BOOST_TEST(history.epochs[0].validation_loss.has_value());
  BOOST_TEST(!history.last().complete);
  BOOST_TEST(history.last().samples == 64);
  BOOST_TEST(!history.last().validation_loss.has_value());
  BOOST_TEST(model.training().epochs == 1);
  BOOST_TEST(model.training().steps == 7 + 2);
  // The next run does the epoch again, and its schedule has the place of that epoch's beginning.
  Model<SmallR12> again{seed(1), threads(1)};
  FlaggingLoss::seen = 0;
  FlaggingLoss::flag = false;
  fit(again, data, SGD{}, {.epochs = 5, .progress = silent, .stop = &FlaggingLoss::flag}, FlaggingLoss{});
  BOOST_TEST(again.training().steps == 7 + 2);
  const History next = fit(again, data, SGD{}, {.schedule = Schedule::step(1, 0.5), .progress = silent});
  BOOST_TEST(next.last().epoch == 2);
  BOOST_TEST(next.last().learning_rate == 0.01 * 0.5);
  // What was learnt is kept.
  fit(until, data, SGD{}, {.epochs = 1, .progress = silent});
  BOOST_TEST(!same_parameters(model, until));
}

BOOST_AUTO_TEST_CASE(a_stop_at_the_end_of_an_epoch_leaves_it_complete) {
  const Dataset data = synthetic_digits(64, 1);
  Model<SmallR12> model{seed(1), threads(1)};
  const std::atomic<bool> stop{true};
  const History history = fit(model, data, SGD{}, {.epochs = 3, .batch = 64, .progress = silent, .stop = &stop});
  BOOST_TEST(history.stopped);
  BOOST_TEST(history.epochs.size() == 1u);
  BOOST_TEST(history.last().complete);
  const History only = fit(model, data, SGD{}, {.epochs = 1, .batch = 64, .progress = silent, .stop = &stop});
  BOOST_TEST(!only.stopped);  // it did all it was asked for
}

BOOST_AUTO_TEST_CASE(options_out_of_range_are_refused) {
  const Table t;
  Model<Small> model{seed(1), threads(1)}, untouched{seed(1), threads(1)};
  auto refusal = [&](const FitOptions& options) {
    return message_of<Error>([&] { fit(model, t.data(), SGD{}, options); });
  };
  BOOST_TEST(refusal({.epochs = 0}) == "fit: 0 epochs; at least one is needed");
  BOOST_TEST(refusal({.epochs = -3}) == "fit: -3 epochs; at least one is needed");
  BOOST_TEST(refusal({.batch = 0}) == "fit: a batch of 0; it must be at least 1");
  BOOST_TEST(refusal({.batch = -1}) == "fit: a batch of -1; it must be at least 1");
  BOOST_TEST(refusal({.validation = t.data(), .validation_split = 0.5}) ==
             "fit: both validation and validation_split are given; give one of them");
  BOOST_TEST(refusal({.batch = 9, .drop_last = true}) ==
             "fit: drop_last with 9 samples to a step leaves nothing of 8 samples; take a smaller batch");
  BOOST_TEST(refusal({.batch = 7, .validation_split = 0.25, .drop_last = true}) ==
             "fit: drop_last with 7 samples to a step leaves nothing of 6 samples; take a smaller batch");
  for (const double split : {-0.5, 1.0, 7.0, 0.999, std::numeric_limits<double>::quiet_NaN()})
    BOOST_TEST(refusal({.validation_split = split}) != "nothing was thrown");
  BOOST_TEST(message_of<Error>([&] { fit(model, t.data(), SGD{.learning_rate = 0}); }) ==
             "SGD: learning_rate is 0; it must be above 0");
  BOOST_TEST(same_parameters(model, untouched));
  BOOST_TEST(model.training().optimizer.empty());
}

BOOST_AUTO_TEST_CASE(vectors_have_no_places_to_move) {
  const Table t;
  Model<Small> model{seed(1), threads(1)};
  const auto refusal = [&](const Augmentation& augment) {
    return message_of<Error>([&] { fit(model, t.data(), SGD{}, {.augment = augment, .progress = silent}); });
  };
  for (const Augmentation& augment :
       {Augmentation{.rotation = 10}, Augmentation{.shift_x = 0.5}, Augmentation{.shift_y = 0.5},
        Augmentation{.shear = 5}, Augmentation{.zoom = 0.1}, Augmentation{.crop = 1}, Augmentation{.flip_x = true},
        Augmentation{.flip_y = true}, Augmentation{.elastic = 1}})
    BOOST_TEST(refusal(augment) ==
               "fit: augment moves the pixels of images, but the network takes vectors of 4 numbers; give Input<...> "
               "height, width and channels (Dense flattens them), or change only contrast and brightness");
  BOOST_TEST(model.training().optimizer.empty());
  BOOST_TEST(refusal({.contrast = 0.5, .brightness = 0.1}) == "nothing was thrown");
}

BOOST_AUTO_TEST_CASE(a_network_with_nothing_to_train_is_refused) {
  Model<Network<Seq<MaxPool<2>, Flatten, Softmax<>>, Input<4, 5, 1>>> model{seed(1)};
  const Dataset data = Dataset::own(Shape::image(4, 5, 1), 4, std::vector<float>(20), std::vector<std::int32_t>{0});
  BOOST_CHECK_EXCEPTION(fit(model, data, Adam{}), Error, [](const Error& e) {
    return std::string(e.what()) == "fit: no layer of this network has parameters to train";
  });
}

BOOST_AUTO_TEST_CASE(data_that_does_not_suit_is_refused) {
  const Table t;
  Model<Small> model{seed(1), threads(1)};
  auto refusal = [&](const Dataset& data, const FitOptions& options = {}) {
    return message_of<Error>([&] { fit(model, data, SGD{}, options); });
  };
  BOOST_TEST(refusal({}) == "fit: the data set has no sample");
  BOOST_TEST(refusal(Dataset::view(Shape::vector(4), t.x)) ==
             "fit: the data set has no labels; build it with labels or one-hot targets");
  BOOST_TEST(refusal(Dataset::view(Shape::vector(4), 7, t.x, t.labels)) ==
             "fit: the data set has 7 classes, but the network ends in 3; its last layer should be Softmax<7>");
  const std::vector<float> targets(16);
  BOOST_TEST(
      refusal(Dataset::view(Shape::vector(4), 2, t.x, targets)) ==
      "fit: the data set has rows of 2 targets, but the network ends in 3; its last layer should be Dense<2>, or "
      "Softmax<2> where targets are probabilities");
  BOOST_TEST(
      refusal(synthetic_digits(10, 1)) ==
      "fit: samples of 28 x 28 x 1, but the network takes 4; give Input<...> the shape of the data, or resize the "
      "data");
  BOOST_TEST(
      refusal(t.data(), {.validation = synthetic_digits(10, 1)}) ==
      "fit, validation: samples of 28 x 28 x 1, but the network takes 4; give Input<...> the shape of the data, or "
      "resize the data");
}

BOOST_AUTO_TEST_SUITE_END()
