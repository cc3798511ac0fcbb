// Frozen fronts and slower blocks: what moves, what does not, and that the rest trains as it would on features.
#include <strata/plan/transfer.hpp>
#include <strata/strata.hpp>

#include <io/folder.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

using namespace strata;

namespace fs = std::filesystem;

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

BOOST_AUTO_TEST_CASE(kept_features_by_winograds_tiles_train_to_the_same_bits) {
  struct Wide : Seq<Frozen<Seq<Conv<64, 5>, Conv<64, 3, ReLU>, MaxPool<2>>>, Flatten, Dense<4, ReLU>, Softmax<10>> {};
  using WideNet = Network<Wide, In>;
  static_assert(Plan<WideNet, Mode::training, Cpu<>, LossOnLogits>::memory.packing > 36 * 64 * 64 * 4);
  const Dataset train = synthetic_digits(40, 1);
  FitOptions kept{.epochs = 2, .batch = 16, .validation = synthetic_digits(10, 2), .progress = Progress::silent};
  FitOptions computed = kept;
  computed.features.wanted = false;
  Model<WideNet> a{seed(3)}, b{seed(3), threads(1)};
  const History once = fit(a, train, Adam{}, kept), always = fit(b, train, Adam{}, computed);
  BOOST_TEST((tensor(a, "dense_1/kernel") == tensor(b, "dense_1/kernel")));
  BOOST_TEST(*once.last().validation_loss == *always.last().validation_loss);
}

BOOST_AUTO_TEST_CASE(kept_features_of_versions_train_to_the_same_bits) {
  const Dataset train = synthetic_digits(100, 1), validation = synthetic_digits(30, 2);
  FitOptions kept{.epochs = 5,
                  .batch = 16,
                  .validation = validation,
                  .augment = {.rotation = 10, .shift_x = 0.1, .versions = 3},
                  .progress = Progress::silent};
  FitOptions computed = kept;
  computed.features.wanted = false;
  Model<Dropping> a{seed(3)}, b{seed(3), threads(1)}, c{seed(3)}, d{seed(3)};
  const History once = fit(a, train, Adam{}, kept), always = fit(b, train, Adam{}, computed);
  // Another size of batches makes the features, and a run that is cut goes on in its turn.
  FitOptions part = kept;
  part.epochs = 1;
  fit(c, train, Adam{}, part);
  part.epochs = 4;
  fit(c, train, Adam{}, part);
  for (const char* name : {"dense_2/kernel", "dense_3/kernel", "batch_norm_2/moving_mean"}) {
    BOOST_TEST(tensor(a, name) == tensor(b, name), boost::test_tools::per_element());
    BOOST_TEST(tensor(a, name) == tensor(c, name), boost::test_tools::per_element());
  }
  BOOST_TEST(*once.last().validation_loss == *always.last().validation_loss);
  // Versions differ: with one of them training goes another way.
  kept.augment.versions = 1;
  fit(d, train, Adam{}, kept);
  BOOST_TEST((tensor(a, "dense_3/kernel") != tensor(d, "dense_3/kernel")));
}

BOOST_AUTO_TEST_CASE(features_in_files_are_found_again) {
  const Folder folder;
  const Dataset train = synthetic_digits(100, 1), validation = synthetic_digits(30, 2);
  FitOptions how{.epochs = 3, .batch = 16, .validation = validation, .progress = Progress::silent};
  Model<Dropping> in_memory{seed(3)};
  fit(in_memory, train, Adam{}, how);
  how.features = {.most_bytes = 100, .folder = folder.path.string()};
  const auto files = [&] { return folder.names().size(); };
  // Trains a model of seed 3 whose frozen layers, where they run, make something else than in the file.
  const auto train_again = [&](auto&& change) {
    Model<Dropping> model{seed(3)};
    change(model);
    fit(model, train, Adam{}, how);
    return tensor(model, "dense_3/kernel");
  };
  const auto as_it_is = [](auto&) {};
  BOOST_TEST(train_again(as_it_is) == tensor(in_memory, "dense_3/kernel"), boost::test_tools::per_element());
  BOOST_TEST(files() == 2);
  BOOST_TEST(train_again(as_it_is) == tensor(in_memory, "dense_3/kernel"), boost::test_tools::per_element());
  BOOST_TEST(files() == 2);

  // The file is what is trained on: zeros in it are seen.
  for (const auto& entry : fs::directory_iterator(folder.path)) {
    const auto size = fs::file_size(entry.path());
    fs::resize_file(entry.path(), 0);
    fs::resize_file(entry.path(), size);
  }
  BOOST_TEST((train_again(as_it_is) != tensor(in_memory, "dense_3/kernel")));

  // Other weights of the front, and other images, have files of their own; another head has not.
  train_again([](auto& model) { model.tensor("conv_1/kernel")[0] += 1; });
  BOOST_TEST(files() == 4);
  train_again([](auto& model) { model.tensor("dense_2/kernel")[0] += 1; });
  BOOST_TEST(files() == 4);
  how.validation = synthetic_digits(30, 3);
  train_again(as_it_is);
  BOOST_TEST(files() == 5);
  how.augment = {.rotation = 10, .versions = 2};
  train_again(as_it_is);
  BOOST_TEST(files() == 7);

  for (const auto& entry : fs::directory_iterator(folder.path)) fs::resize_file(entry.path(), 100);
  BOOST_CHECK_EXCEPTION(train_again(as_it_is), Error, [](const Error& e) {
    return std::string(e.what()).find("holds 100 bytes, but the features of 100 samples take") != std::string::npos;
  });
  how.features.folder = folder.file("nowhere");
  BOOST_CHECK_EXCEPTION(train_again(as_it_is), Error,
                        [](const Error& e) { return std::string(e.what()).find("nowhere") != std::string::npos; });
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
  const Dataset train = synthetic_digits(10, 1);
  const auto about = [&](const FitOptions& how, std::size_t bytes = 3 << 20, std::size_t room = SIZE_MAX) {
    return strata::detail::RunFeatures<Tuned>({.arena = {},
                                               .backend = "any",
                                               .bytes = bytes / 10,
                                               .training = train,
                                               .validation = how.validation,
                                               .options = how,
                                               .seed = 1,
                                               .first_epoch = 0,
                                               .room = room})
        .about();
  };
  FitOptions how{.epochs = 6};
  BOOST_TEST(about(how) == "The frozen layers run once: their features, 3.0 MiB, are kept for all epochs.");
  const auto ends = [&](const FitOptions& o, const char* words, std::size_t bytes = 3 << 20,
                        std::size_t room = SIZE_MAX) {
    BOOST_TEST(about(o, bytes, room).find(words) != std::string::npos, words << ": " << about(o, bytes, room));
  };
  ends(how, "above features.most_bytes", std::size_t{5} << 30);
  ends(how, "do not fit the GPU's memory", 3 << 20, 1 << 20);
  how.augment.rotation = 5;
  ends(how, "augment.versions would keep some");
  how.augment.versions = 2;
  ends(how, "once for each of 2 versions of the images: their features, 6.0 MiB, are kept");
  how.augment.versions = 6;
  ends(how, "no more epochs than versions");
  how.features.folder = "/tmp";
  ends(how, "once for each of 6 versions of the images at most: their features, 5.1 TiB, are kept in /tmp.",
       std::size_t{932067555942});
  how = {.epochs = 1};
  BOOST_TEST(about(how).empty());
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
