// Optimizers and the training of a whole net against what Keras computes (tests/golden/make_keras.py, keras.bin).
#include <strata/io/safetensors.hpp>

#include "reference_models.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

using namespace strata;

namespace {

const safetensors::File& golden() {
  static const safetensors::File file =
      safetensors::File::read((std::filesystem::path(__FILE__).parent_path() / "../golden/keras.bin").string());
  return file;
}

/// The largest |a - b| / (1 + |b|).
double difference(std::span<const float> a, const std::vector<float>& b) {
  BOOST_REQUIRE(a.size() == b.size());
  double worst = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    const double x = static_cast<double>(a[i]), y = static_cast<double>(b[i]);
    worst = std::max(worst, std::abs(x - y) / (1 + std::abs(y)));
    if (!std::isfinite(x)) worst = 1e9;
  }
  return worst;
}

/// Calls f(name, optimizer) for every optimizer of make_keras.py.
template <class F>
void for_optimizers(F f) {
  f("sgd", SGD{.learning_rate = 0.1});
  f("momentum", SGD{.learning_rate = 0.05, .momentum = 0.9});
  f("nesterov", SGD{.learning_rate = 0.05, .momentum = 0.8, .nesterov = true});
  f("adam", Adam{});
  f("adam_other", Adam{.learning_rate = 0.1, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-3});
}

struct Layers
    : Seq<Conv<5, 3, LeakyReLU<8>>, MaxPool<2>, Conv<6, kernel<3, 2>, Stride<2>, Same, ReLU>, AvgPool<2, Stride<1>>,
          BatchNorm<>, Flatten, Dense<7, ReLU>, BatchNorm<Momentum<90>, Epsilon<1, 100>>, Softmax<5>> {};
using Net = Network<Layers, Input<12, 12, 2>>;

}  // namespace

BOOST_AUTO_TEST_SUITE(train_keras)

BOOST_AUTO_TEST_CASE(the_file_names_its_versions) {
  BOOST_REQUIRE(golden().metadata("made_by"));
  BOOST_TEST(golden().metadata("made_by")->starts_with("keras 3."));
}

BOOST_AUTO_TEST_CASE(steps_of_the_optimizers) {
  constexpr int weights = 5, room = 16;
  const std::vector<float> gradients = golden().values<float>("optimizer/gradients");
  for_optimizers([&](const std::string& name, const auto& optimizer) {
    const std::vector<float> expected = golden().values<float>("optimizer/" + name);
    alignas(64) float w[room] = {}, g[room] = {}, moments[2 * room] = {};
    std::copy_n(expected.begin(), weights, w);
    cpu::Pool pool(1);
    for (std::size_t step = 0; step < gradients.size() / weights; ++step) {
      std::copy_n(gradients.begin() + static_cast<std::ptrdiff_t>(weights * step), weights, g);
      cpu::optimize(pool, optimizer, static_cast<std::int64_t>(step) + 1, w, g, moments, room);
      // Both compute in float and differ in the order of operations: by roundings of what the weight was on its way.
      for (std::size_t i = 0; i < weights; ++i) {
        double largest = 1;
        for (std::size_t s = 0; s <= step + 1; ++s)
          largest = std::max(largest, std::abs(static_cast<double>(expected[weights * s + i])));
        const double error = static_cast<double>(w[i]) - static_cast<double>(expected[weights * (step + 1) + i]);
        BOOST_TEST(std::abs(error) < 4e-7 * largest, name << ", step " << step << ", weight " << i);
      }
    }
  });
}

BOOST_AUTO_TEST_CASE(three_steps_of_a_net) {
  const std::vector<float> images = golden().values<float>("net/images");
  const std::vector<std::int32_t> labels = golden().values<std::int32_t>("net/labels");
  const Dataset data = Dataset::view(Net::input_shape, 5, images, labels);
  const std::vector<std::string> names = tensor_names(view_of<Net>());
  BOOST_TEST(names.size() == 16u);
  for_optimizers([&](const std::string& name, const auto& optimizer) {
    Model<Net> model{seed(1), threads(2)};
    for (const std::string& tensor : names) golden().copy_to("net/start/" + tensor, model.tensor(tensor));
    const History history =
        fit(model, data, optimizer, {.epochs = 1, .batch = 8, .shuffle = false, .progress = Progress::silent});
    double loss = 0;
    for (const float l : golden().values<float>("net/" + name + "/loss")) loss += static_cast<double>(l) / 3;
    BOOST_TEST(std::abs(history.last().loss - loss) < 2e-6 * (1 + loss), name);
    for (const std::string& tensor : names)
      BOOST_TEST(difference(model.tensor(tensor), golden().values<float>("net/" + name + "/" + tensor)) < 1e-5,
                 name << ", " << tensor << ": "
                      << difference(model.tensor(tensor), golden().values<float>("net/" + name + "/" + tensor)));
    BOOST_TEST(difference(predict(model, data), golden().values<float>("net/" + name + "/probabilities")) < 1e-5, name);
  });
}

BOOST_AUTO_TEST_SUITE_END()
