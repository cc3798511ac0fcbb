// Frozen fronts and slower blocks: what moves, what does not, and that the rest trains as it would on features.
#include <strata/plan/transfer.hpp>
#include <strata/strata.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

using namespace strata;

namespace {

using Front = Seq<Conv<4, 3>, BatchNorm<>, ReLU, MaxPool<2>, Dropout<30>, Flatten, Dense<8, ReLU>>;
struct Whole : Seq<Front, Dense<6, ReLU>, Softmax<10>> {};
using In = Input<28, 28, 1>;
using Net = Network<Whole, In>;
using Tuned = Freeze<Net, 1>;
using Slow = Network<Seq<LearningRate<10, Front>, Dense<6, ReLU>, Softmax<10>>, In>;

// What is behind the front draws random numbers and has averages of its own.
struct Droppings : Seq<Frozen<Front>, Dropout<20>, Dense<6, ReLU>, BatchNorm<>, Softmax<10>> {};
using Dropping = Network<Droppings, In>;

static_assert(Tuned::parameter_count == Net::parameter_count);
static_assert(Tuned::trainable_count == (8 * 6 + 6) + (6 * 10 + 10));
static_assert(Slow::trainable_count == Net::trainable_count);

const FitOptions options{.epochs = 2, .batch = 16, .progress = Progress::silent};

template <class N>
std::vector<float> tensor(Model<N>& model, const char* name) {
  const std::span<const float> values = model.tensor(name);
  return {values.begin(), values.end()};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(frozen)

BOOST_AUTO_TEST_CASE(what_is_frozen_keeps_its_bits_and_the_rest_moves) {
  Model<Tuned> model{seed(3)};
  Model<Tuned> before{seed(3)};
  fit(model, synthetic_digits(100, 1), Adam{}, options);
  for (const char* name :
       {"conv_1/kernel", "conv_1/bias", "batch_norm_1/gamma", "batch_norm_1/beta", "batch_norm_1/moving_mean",
        "batch_norm_1/moving_variance", "dense_1/kernel", "dense_1/bias"})
    BOOST_TEST(tensor(model, name) == tensor(before, name), boost::test_tools::per_element());
  for (const char* name : {"dense_2/kernel", "dense_3/kernel"})
    BOOST_TEST((tensor(model, name) != tensor(before, name)), name);
}

BOOST_AUTO_TEST_CASE(a_frozen_front_is_its_features) {
  // The head trained behind the frozen front, and alone on what the front makes of each image.
  using Features = FeatureExtractor<Net, 1>;
  struct Head : Seq<Dense<6, ReLU>, Softmax<10>> {};
  Model<Tuned> whole{seed(3), threads(1)};
  Model<Features> front{seed(3), threads(1)};
  Model<Network<Head, Input<8>>> head{seed(3), threads(1)};
  for (const char* name : {"conv_1/kernel", "conv_1/bias", "dense_1/kernel", "dense_1/bias"})
    BOOST_REQUIRE(tensor(whole, name) == tensor(front, name));
  const auto copy = [&](const char* from, const char* to) {
    const std::vector<float> values = tensor(whole, from);
    std::copy(values.begin(), values.end(), head.tensor(to).begin());
  };
  copy("dense_2/kernel", "dense_1/kernel");
  copy("dense_3/kernel", "dense_2/kernel");
  const Dataset images = synthetic_digits(96, 1);
  std::vector<std::int32_t> labels;
  for (std::int64_t i = 0; i < images.size(); ++i) labels.push_back(images.label(i));
  const Dataset features = Dataset::own(Shape::vector(8), 10, predict(front, images), std::move(labels));
  fit(whole, images, SGD{.learning_rate = 0.05}, options);
  fit(head, features, SGD{.learning_rate = 0.05}, options);
  BOOST_TEST(tensor(whole, "dense_2/kernel") == tensor(head, "dense_1/kernel"), boost::test_tools::per_element());
  BOOST_TEST(tensor(whole, "dense_3/bias") == tensor(head, "dense_2/bias"), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(kept_features_train_to_the_same_bits) {
  // 100 samples in batches of 16: the last batch of an epoch is partial, and the features' batches lie elsewhere.
  const Dataset train = synthetic_digits(100, 1), validation = synthetic_digits(30, 2);
  FitOptions kept{.epochs = 3, .batch = 16, .validation = validation, .progress = Progress::silent};
  FitOptions computed = kept;
  computed.features.wanted = false;
  FitOptions too_large = kept;
  too_large.features.most_bytes = 100;
  Model<Dropping> a{seed(3)}, b{seed(3), threads(1)}, c{seed(3)};
  const History once = fit(a, train, Adam{}, kept), always = fit(b, train, Adam{}, computed);
  fit(c, train, Adam{}, too_large);
  for (const char* name : {"dense_2/kernel", "dense_2/bias", "dense_3/kernel", "batch_norm_2/moving_mean"}) {
    BOOST_TEST(tensor(a, name) == tensor(b, name), boost::test_tools::per_element());
    BOOST_TEST(tensor(a, name) == tensor(c, name), boost::test_tools::per_element());
  }
  BOOST_TEST(once.last().loss == always.last().loss);
  BOOST_TEST(*once.last().validation_loss == *always.last().validation_loss);
  BOOST_TEST(*once.last().validation_accuracy == *always.last().validation_accuracy);
}

BOOST_AUTO_TEST_CASE(kept_features_take_the_frozen_layers_out_of_the_epochs) {
  // The front costs a thousand times what the head does.
  struct Layers : Seq<Frozen<Seq<Conv<32, 3>, ReLU, Conv<32, 3>, ReLU, GlobalAvgPool>>, Softmax<10>> {};
  Model<Network<Layers, In>> model{seed(3), threads(1)};
  const History history = fit(model, synthetic_digits(100, 1), SGD{}, {.epochs = 10, .progress = Progress::silent});
  double shortest = 1e9;  // whatever else the machine does
  for (std::size_t e = 1; e < 10; ++e) shortest = std::min(shortest, history.epochs[e].seconds);
  BOOST_TEST(shortest < history.epochs[0].seconds / 5);
}

BOOST_AUTO_TEST_CASE(a_stop_ends_the_features_too) {
  const std::atomic<bool> stop{true};
  Model<Tuned> model{seed(3)}, before{seed(3)};
  FitOptions how = options;
  how.stop = &stop;
  const History history = fit(model, synthetic_digits(100, 1), Adam{}, how);
  BOOST_TEST(history.stopped);
  BOOST_TEST(history.last().samples == 0);
  BOOST_TEST(!history.last().complete);
  BOOST_TEST(tensor(model, "dense_2/kernel") == tensor(before, "dense_2/kernel"), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_becomes_of_features_is_told) {
  FitOptions how{.epochs = 2};
  using strata::detail::about_kept_features;
  BOOST_TEST(about_kept_features(3 << 20, how) ==
             "The frozen layers run once: their features, 3 MiB, are kept for all epochs.");
  FitOptions changed = how;
  changed.augment.rotation = 5;
  BOOST_TEST(about_kept_features(3 << 20, changed).find("changed at random") != std::string::npos);
  BOOST_TEST(about_kept_features(std::size_t{5} << 30, how).find("above features.most_bytes") != std::string::npos);
  how.epochs = 1;
  BOOST_TEST(about_kept_features(3 << 20, how).empty());
}

BOOST_AUTO_TEST_CASE(a_slower_block_moves_a_tenth) {
  // One step of plain gradient descent: movements are proportional to the rate.
  Model<Net> plain{seed(3), threads(1)};
  Model<Slow> slow{seed(3), threads(1)};
  Model<Net> before{seed(3), threads(1)};
  const Dataset data = synthetic_digits(32, 1);
  const FitOptions one_step{.epochs = 1, .batch = 32, .progress = Progress::silent};
  fit(plain, data, SGD{.learning_rate = 0.1}, one_step);
  fit(slow, data, SGD{.learning_rate = 0.1}, one_step);
  const auto check = [&](const char* name, double factor) {
    const auto a = tensor(before, name), b = tensor(plain, name), c = tensor(slow, name);
    for (std::size_t i = 0; i < a.size(); ++i) {
      const double moved = static_cast<double>(b[i]) - static_cast<double>(a[i]);
      BOOST_REQUIRE_SMALL(static_cast<double>(c[i]) - static_cast<double>(a[i]) - factor * moved, 1e-7);
    }
  };
  check("conv_1/kernel", 0.1);
  check("dense_1/kernel", 0.1);
  check("dense_2/kernel", 1);
  check("dense_3/bias", 1);
}

BOOST_AUTO_TEST_SUITE_END()
