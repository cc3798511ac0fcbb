// Schedules and what a run watches, against PyTorch's (tests/golden/make_torch_training.py) and their formulas.
#include <strata/io/safetensors.hpp>
#include <strata/train/optimizer/adam.hpp>
#include <strata/train/schedule.hpp>
#include <strata/train/watch.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "io/folder.hpp"

using namespace strata;

namespace {

std::vector<double> golden(const std::string& name) {
  static const safetensors::File file = safetensors::File::read(
      (std::filesystem::path(__FILE__).parent_path() / "../golden/torch_training.bin").string());
  return file.values<double>(name);
}

void check(const std::string& name, const Schedule& schedule) {
  const Schedule run = schedule.over(10, 6);
  const std::vector<double> expected = golden("schedule/" + name);
  for (std::size_t i = 0; i < expected.size(); ++i)
    BOOST_TEST(std::abs(run.factor(static_cast<std::int64_t>(i) + 1) - expected[i]) < 1e-12, name << ", step " << i);
}

std::string refusal(const Schedule& schedule) {
  return message_of<Error>([&] { schedule.check(); });
}

const std::string good = "nothing was thrown";

EpochRecord with_loss(double loss) {
  EpochRecord e;
  e.loss = loss;
  return e;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(schedule)

BOOST_AUTO_TEST_CASE(as_in_pytorch) {
  check("one_cycle", Schedule::one_cycle());
  check("one_cycle_other", Schedule::one_cycle(0.55, 0.1, 0.1 / 50));
  check("warm_up", Schedule().warm_up(2));
  const std::vector<double> epochs = golden("schedule/cosine_of_epochs");
  const Schedule cosine = Schedule::cosine(0.1, 5).over(10, 6);
  for (std::size_t e = 0; e < epochs.size(); ++e)
    BOOST_TEST(std::abs(cosine.factor(static_cast<std::int64_t>(10 * e) + 1) - epochs[e]) < 1e-12);
}

BOOST_AUTO_TEST_CASE(what_is_left_out_reaches_to_the_end) {
  const Schedule s = Schedule::cosine().warm_up(1).over(100, 5);
  BOOST_TEST(s.factor(1) == 0.01);
  BOOST_TEST(s.factor(100) == 1.0);
  BOOST_TEST(std::abs(s.factor(101 + 200) - 0.5) < 1e-12);  // half of the four epochs behind the warm-up
  BOOST_TEST(s.factor(501) == 0.0);
  BOOST_TEST(s.factor(10'000) == 0.0);
  BOOST_TEST(Schedule().over(100, 5).factor(77) == 1.0);
}

BOOST_AUTO_TEST_CASE(a_sweep_grows_by_the_same_factor_each_step) {
  const Schedule s = Schedule::sweep(1e-6, 100).over(50, 2);
  BOOST_TEST(std::abs(s.factor(1) / 1e-6 - 1) < 1e-12);
  const double of_a_step = std::pow(1e8, 0.01);
  for (int step = 1; step < 100; ++step)
    BOOST_TEST(std::abs(s.factor(step + 1) / s.factor(step) / of_a_step - 1) < 1e-9);
}

BOOST_AUTO_TEST_CASE(the_rate_of_a_step) {
  const detail::Scheduled<Adam> rule{Adam{.learning_rate = 0.5}, Schedule::step(1, 0.5).over(10, 3), 0.25};
  BOOST_TEST(rule.learning_rate_of(10) == 0.125);
  BOOST_TEST(rule.learning_rate_of(11) == 0.0625);
  BOOST_TEST(rule.constants(11).rate == Adam{.learning_rate = 0.0625}.constants(11).rate);
}

BOOST_AUTO_TEST_CASE(out_of_range) {
  BOOST_TEST(refusal(Schedule()) == good);
  BOOST_TEST(refusal(Schedule::one_cycle()) == good);
  BOOST_TEST(refusal(Schedule::step(0)) == "Schedule::step: `every` is 0; it must be above 0");
  BOOST_TEST(refusal(Schedule::step(-1)) != good);
  BOOST_TEST(refusal(Schedule::exponential(-0.5)) == "Schedule: factors must not be negative");
  BOOST_TEST(refusal(Schedule::cosine(std::nan(""))) != good);
  BOOST_TEST(refusal(Schedule::one_cycle(1)) == "Schedule::one_cycle: the rise must be above 0 and below 1");
  BOOST_TEST(refusal(Schedule::sweep(0, 1)) == "Schedule::sweep: both ends must be above 0");
  BOOST_TEST(refusal(Schedule().warm_up(-1)) != good);
}

BOOST_AUTO_TEST_CASE(plateaus_as_in_pytorch) {
  const auto check_plateau = [](const std::string& name, ReduceOnPlateau plateau) {
    FitOptions options;
    plateau.factor = 0.2;
    plateau.patience = 3;  // PyTorch's 2: it lowers the rate one epoch later than Keras and strata
    options.plateau = plateau;
    detail::Watcher watcher(options);
    double factor = 1;
    const std::vector<double> figures = golden("plateau/figures"), expected = golden("plateau/" + name);
    for (std::size_t e = 0; e < figures.size(); ++e) {
      factor = watcher.factor(with_loss(figures[e]), factor, 1.0);
      BOOST_TEST(std::abs(factor - expected[e]) < 1e-12, name << ", epoch " << e << ": " << factor);
    }
    BOOST_TEST(factor < 0.5, name);
  };
  check_plateau("plain", {});
  check_plateau("cooldown", {.cooldown = 2});
  check_plateau("least_rate", {.least_rate = 0.05});
}

BOOST_AUTO_TEST_CASE(patience_ends_a_run) {
  FitOptions options;
  options.early_stopping = {.patience = 2, .least_change = 0.05};
  detail::Watcher watcher(options);
  const double losses[] = {1, 0.9, 0.88, 0.8, 0.79, 0.78};
  const bool is_best[] = {true, true, true, true, true, true}, ends[] = {false, false, false, false, false, true};
  for (int e = 0; e < 6; ++e) {
    BOOST_TEST(watcher.is_best(with_loss(losses[e])) == is_best[e], e);
    BOOST_TEST(watcher.is_enough(with_loss(losses[e])) == ends[e], e);
  }
}

BOOST_AUTO_TEST_CASE(what_is_watched) {
  EpochRecord e = with_loss(0.5);
  e.accuracy = 0.75;
  BOOST_TEST(detail::watched(e, Watch::automatic) == 0.5);
  BOOST_TEST(detail::watched(e, Watch::accuracy) == -0.75);
  BOOST_TEST(std::isinf(detail::watched(e, Watch::validation_loss)));
  e.validation_loss = 0.625;
  e.validation_accuracy = 0.875;
  BOOST_TEST(detail::watched(e, Watch::automatic) == 0.625);
  BOOST_TEST(detail::watched(e, Watch::loss) == 0.5);
  BOOST_TEST(detail::watched(e, Watch::validation_accuracy) == -0.875);
}

BOOST_AUTO_TEST_SUITE_END()
