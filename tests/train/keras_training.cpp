// Optimizers and schedules against Keras' (tests/golden/make_keras_training.py, keras_training.bin).
#include <strata/cpu/gradients.hpp>
#include <strata/io/safetensors.hpp>
#include <strata/train/optimizers.hpp>
#include <strata/train/schedule.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

using namespace strata;

namespace {

constexpr int weights = 5, room = 16;  // floats of the weights and of the vectors they lie in

const safetensors::File& golden() {
  static const safetensors::File file = safetensors::File::read(
      (std::filesystem::path(__FILE__).parent_path() / "../golden/keras_training.bin").string());
  return file;
}

/// Takes Keras' steps with `optimizer` and compares each weight behind each of them. With a clip_norm the gradients of
/// a step are scaled down to it.
template <class Optimizer>
void check(const std::string& name, const Optimizer& optimizer, double clip_norm = 0) {
  const std::vector<float> gradients = golden().values<float>("optimizer/gradients");
  const std::vector<float> expected = golden().values<float>("optimizer/" + name);
  alignas(64) float w[room] = {}, g[room] = {}, moments[3 * room] = {};
  std::copy_n(expected.begin(), weights, w);
  cpu::Pool pool(1);
  for (std::size_t step = 0; step < gradients.size() / weights; ++step) {
    std::copy_n(gradients.begin() + static_cast<std::ptrdiff_t>(weights * step), weights, g);
    double part = 0;
    const double norm = cpu::norm(pool, g, room, &part);
    const float scale = clip_norm > 0 && norm > clip_norm ? static_cast<float>(clip_norm / norm) : 1.0f;
    cpu::optimize(pool, optimizer, static_cast<std::int64_t>(step) + 1, w, g, moments, room, scale);
    // Both compute in float and differ in the order of operations: by roundings of what the weight was on its way.
    for (std::size_t i = 0; i < weights; ++i) {
      double largest = 1;
      for (std::size_t s = 0; s <= step + 1; ++s)
        largest = std::max(largest, std::abs(static_cast<double>(expected[weights * s + i])));
      const double error = static_cast<double>(w[i]) - static_cast<double>(expected[weights * (step + 1) + i]);
      BOOST_TEST(std::abs(error) < 1e-6 * largest, name << ", step " << step << ", weight " << i << ": " << error);
    }
  }
  for (int i = weights; i < room; ++i) BOOST_TEST(w[i] == 0.0f, name);  // as the gaps between tensors must stay
}

void check(const std::string& name, const Schedule& schedule) {
  const Schedule run = schedule.over(10, 6);
  const std::vector<float> expected = golden().values<float>("schedule/" + name);
  for (std::size_t i = 0; i < expected.size(); ++i)
    BOOST_TEST(std::abs(run.factor(static_cast<std::int64_t>(i) + 1) - static_cast<double>(expected[i])) < 2e-7,
               name << ", step " << i);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(keras_training)

BOOST_AUTO_TEST_CASE(the_file_names_its_versions) {
  BOOST_REQUIRE(golden().metadata("made_by"));
  BOOST_TEST(golden().metadata("made_by")->starts_with("keras 3."));
}

BOOST_AUTO_TEST_CASE(optimizers) {
  check("adamw", AdamW{});
  check("adamw_other", AdamW{.learning_rate = 0.1, .weight_decay = 0.3, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-3});
  check("nadam", Nadam{});
  check("nadam_other", Nadam{.learning_rate = 0.1, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-3});
  check("rmsprop", RMSprop{});
  check("rmsprop_momentum", RMSprop{.learning_rate = 0.05, .rho = 0.8, .momentum = 0.7, .epsilon = 1e-3});
  check("adagrad", Adagrad{});
  check("adagrad_other", Adagrad{.learning_rate = 0.2, .initial_accumulator = 0.5, .epsilon = 1e-3});
  check("adadelta", Adadelta{});
  check("adadelta_other", Adadelta{.learning_rate = 1, .rho = 0.8, .epsilon = 1e-3});
  check("decayed", decayed(SGD{.learning_rate = 0.05, .momentum = 0.9}, 0.4));
}

BOOST_AUTO_TEST_CASE(an_average_beside_a_rule_changes_no_weight) {
  check("nadam", averaged(Nadam{}));
  check("rmsprop", averaged(RMSprop{}));
  check("rmsprop_momentum",
        averaged(RMSprop{.learning_rate = 0.05, .rho = 0.8, .momentum = 0.7, .epsilon = 1e-3}, 0.5));
  check("decayed", averaged(decayed(SGD{.learning_rate = 0.05, .momentum = 0.9}, 0.4)));
}

BOOST_AUTO_TEST_CASE(clipping) { check("clipped", SGD{.learning_rate = 0.1}, 0.75); }

BOOST_AUTO_TEST_CASE(schedules) {
  check("step", Schedule::step(2, 0.3));
  check("exponential", Schedule::exponential(0.7));
  check("cosine", Schedule::cosine(0, 5));
  check("cosine_last", Schedule::cosine(0.2, 3));
  check("linear", Schedule::linear(0.1, 4));
}

BOOST_AUTO_TEST_SUITE_END()
