// Options of fit that change the steps or watch them: accumulation, clipping, schedules, averages, early stopping.
#include <strata/model/files.hpp>
#include <strata/train/fit.hpp>
#include <strata/train/optimizers.hpp>

#include "reference_models.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "io/folder.hpp"

using namespace strata;

namespace {

/// Nothing random and nothing that depends on the batch.
struct Layers : Seq<Conv<3, 3, ReLU>, MaxPool<4>, Softmax<10>> {};
using Net = Network<Layers, Input<28, 28, 1>>;

const Dataset& digits() {
  static const Dataset data = synthetic_digits(53, 1);
  return data;
}

FitOptions quiet(std::int64_t epochs, int batch) {
  return {.epochs = epochs, .batch = batch, .progress = Progress::silent};
}

/// |a - b| / |b| of the parameters.
double distance(const Model<Net>& a, const Model<Net>& b) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < a.parameters().size(); ++i) {
    const auto x = static_cast<double>(a.parameters()[i]), y = static_cast<double>(b.parameters()[i]);
    difference += (x - y) * (x - y);
    size += y * y;
  }
  return std::sqrt(difference / size);
}

bool same_bits(const Model<Net>& a, const Model<Net>& b) {
  return std::memcmp(a.parameters().data(), b.parameters().data(), a.parameters().size_bytes()) == 0;
}

std::string refusal(const FitOptions& options) {
  Model<Net> model{seed(1)};
  return message_of<Error>([&] { fit(model, digits(), Adam{}, options); });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(fit_options)

BOOST_AUTO_TEST_CASE(batches_of_one_step) {
  // 53 samples: 4 steps of 12, and one of 5, whose batches are 3 and 2.
  Model<Net> expected{seed(3)}, model{seed(3)};
  fit(expected, digits(), SGD{.learning_rate = 0.1}, quiet(2, 12));
  FitOptions options = quiet(2, 3);
  options.accumulate = 4;
  const History history = fit(model, digits(), SGD{.learning_rate = 0.1}, options);
  BOOST_TEST(distance(model, expected) < 1e-6);
  BOOST_TEST(model.training().steps == 10);
  BOOST_TEST(history.last().samples == 53);
  options.drop_last = true;
  BOOST_TEST(fit(model, digits(), SGD{.learning_rate = 0.1}, options).last().samples == 48);
  BOOST_TEST(model.training().steps == 18);
}

BOOST_AUTO_TEST_CASE(clipping_shortens_long_gradients_alone) {
  Model<Net> before{seed(3)}, model{seed(3)}, free{seed(3)}, loose{seed(3)};
  const Dataset few = digits().take(8);
  const auto step = [&](Model<Net>& m, double norm) {
    FitOptions options = quiet(1, 8);
    options.clip_norm = norm;
    fit(m, few, SGD{.learning_rate = 1}, options);
  };
  step(model, 1e-3);
  step(free, 0);
  step(loose, 1e6);
  BOOST_TEST(same_bits(free, loose));
  // A step of gradient descent with rate 1 is the gradient.
  double clipped = 0, whole = 0, product = 0;
  for (std::size_t i = 0; i < before.parameters().size(); ++i) {
    const auto w = static_cast<double>(before.parameters()[i]);
    const double c = static_cast<double>(model.parameters()[i]) - w, f = static_cast<double>(free.parameters()[i]) - w;
    clipped += c * c;
    whole += f * f;
    product += c * f;
  }
  BOOST_TEST(whole > 1e-4);
  BOOST_TEST(std::abs(std::sqrt(clipped) - 1e-3) < 1e-6);
  BOOST_TEST(product / std::sqrt(clipped * whole) > 0.9999);
}

BOOST_AUTO_TEST_CASE(a_schedule_moves_the_learning_rate) {
  Model<Net> model{seed(3)}, by_hand{seed(3)};
  FitOptions options = quiet(3, 16);
  options.schedule = Schedule::step(1, 0.5);
  const History history = fit(model, digits(), SGD{.learning_rate = 0.2}, options);
  for (std::size_t e = 0; e < 3; ++e) {
    const double rate = 0.2 * std::pow(0.5, static_cast<double>(e));
    BOOST_TEST(history.epochs[e].learning_rate == rate);
    fit(by_hand, digits(), SGD{.learning_rate = rate}, quiet(1, 16));
  }
  BOOST_TEST(same_bits(model, by_hand));
}

BOOST_AUTO_TEST_CASE(a_run_in_two_parts_follows_one_schedule) {
  Model<Net> whole{seed(3)}, parts{seed(3)};
  FitOptions options = quiet(5, 16);
  options.schedule = Schedule::cosine(0, 4).warm_up(1);
  fit(whole, digits(), Adam{}, options);
  options.epochs = 2;
  fit(parts, digits(), Adam{}, options);
  options.epochs = 3;
  fit(parts, digits(), Adam{}, options);
  BOOST_TEST(same_bits(whole, parts));
}

BOOST_AUTO_TEST_CASE(a_schedule_has_its_place_in_epochs) {
  const Folder folder;
  Model<Net> model{seed(3)};
  const auto rate = [](const History& h) { return h.last().learning_rate; };
  FitOptions options = quiet(2, 16);
  options.schedule = Schedule::step(2, 0.5);
  BOOST_TEST(rate(fit(model, digits(), SGD{.learning_rate = 1e-2}, options)) == 1e-2);  // 4 steps in each epoch
  options.batch = 53;  // and now one, in the third and fourth
  options.epochs = 1;
  BOOST_TEST(rate(fit(model, digits(), SGD{.learning_rate = 1e-2}, options)) == 0.5e-2);
  options.batch = 4;
  BOOST_TEST(rate(fit(model, digits(), SGD{.learning_rate = 1e-2}, options)) == 0.5e-2);
  BOOST_TEST(rate(fit(model, digits(), SGD{.learning_rate = 1e-2}, options)) == 0.25e-2);
  // Another optimizer begins its schedule: the cosine reaches from its first epoch to its last.
  options = quiet(2, 53);
  options.schedule = Schedule::cosine(0.5);
  std::vector<double> rates;
  options.after_epoch = [&](const EpochRecord& e) { rates.push_back(e.learning_rate); };
  fit(model, digits(), Adam{.learning_rate = 1e-2}, options);
  BOOST_TEST(rates[0] == 1e-2);
  BOOST_TEST(std::abs(rates[1] - 0.75e-2) < 1e-12);
  // It goes on through a checkpoint, as without one.
  Model<Net> resumed{seed(4)};
  save_checkpoint(model, folder.file("checkpoint"));
  load_checkpoint(resumed, folder.file("checkpoint"));
  for (Model<Net>* m : {&model, &resumed}) fit(*m, digits(), Adam{.learning_rate = 1e-2}, options);
  BOOST_TEST(rates[2] == 0.75e-2);  // half of four epochs
  BOOST_TEST(rates[4] == rates[2]);
  BOOST_TEST(rates[5] == rates[3]);
  options.restart = true;
  fit(model, digits(), Adam{.learning_rate = 1e-2}, options);
  BOOST_TEST(rates[6] == 1e-2);
}

BOOST_AUTO_TEST_CASE(an_average_of_the_weights) {
  Model<Net> model{seed(3)}, plain{seed(3)};
  const auto rule = averaged(SGD{.learning_rate = 0.1, .momentum = 0.5}, 0.75);
  std::vector<double> sum(model.parameters().size());
  FitOptions options = quiet(4, 53);  // an epoch is a step
  options.after_epoch = [&](const EpochRecord&) {
    for (std::size_t i = 0; i < sum.size(); ++i)
      sum[i] = 0.75 * sum[i] + 0.25 * static_cast<double>(model.parameters()[i]);
  };
  fit(model, digits(), rule, options);
  fit(plain, digits(), SGD{.learning_rate = 0.1, .momentum = 0.5}, quiet(4, 53));
  BOOST_TEST(same_bits(model, plain));
  BOOST_TEST(message_of<Error>([&] { take_average(plain, rule); }) ==
             "take_average: the model was not trained with this averaged optimizer");
  BOOST_TEST(message_of<Error>([&] { take_average(model, averaged(static_cast<const SGD&>(rule), 0.5)); }) ==
             "take_average: the model was not trained with this averaged optimizer");  // of another decay
  take_average(model, rule);
  for (std::size_t i = 0; i < static_cast<std::size_t>(Net::parameters.trainable_floats); ++i)
    BOOST_REQUIRE(std::abs(static_cast<double>(model.parameters()[i]) - sum[i] / (1 - std::pow(0.75, 4))) < 1e-6);
  BOOST_TEST(!same_bits(model, plain));
  BOOST_TEST(model.training().steps == 0);
}

BOOST_AUTO_TEST_CASE(moments_of_another_meaning_are_not_taken) {
  // SGD with momentum keeps a velocity, averaged SGD an average, RMSprop with momentum as many as averaged RMSprop.
  const auto check = [](const auto& first, const auto& second) {
    Model<Net> model{seed(3)};
    fit(model, digits(), first, quiet(1, 16));
    BOOST_TEST(model.training().slots == second.state_slots());
    fit(model, digits(), second, quiet(1, 16));
    BOOST_TEST(model.training().steps == 4);  // step 1 of its own moments
    fit(model, digits(), second, quiet(1, 16));
    BOOST_TEST(model.training().steps == 8);
  };
  check(SGD{.momentum = 0.9}, averaged(SGD{}));
  check(averaged(SGD{}), SGD{.momentum = 0.9});
  check(averaged(RMSprop{}), RMSprop{.momentum = 0.9});
  check(averaged(RMSprop{}, 0.9), averaged(RMSprop{}, 0.99));
  Model<Net> model{seed(3)};
  fit(model, digits(), SGD{.momentum = 0.9}, quiet(1, 16));
  BOOST_TEST(message_of<Error>([&] { take_average(model, averaged(SGD{})); }) ==
             "take_average: the model was not trained with this averaged optimizer");
  fit(model, digits(), decayed(SGD{.momentum = 0.9}, 0.01), quiet(1, 16));  // a decay adds no moment
  BOOST_TEST(model.training().steps == 8);
}

BOOST_AUTO_TEST_CASE(an_average_goes_through_a_checkpoint) {
  const Folder folder;
  Model<Net> model{seed(3)}, resumed{seed(4)};
  const auto rule = averaged(SGD{.learning_rate = 0.1}, 0.75);
  fit(model, digits(), rule, quiet(1, 16));
  BOOST_TEST(model.training().optimizer == "averaged_0.75_sgd");
  save_checkpoint(model, folder.file("checkpoint"));
  load_checkpoint(resumed, folder.file("checkpoint"));
  fit(resumed, digits(), rule, quiet(1, 16));
  BOOST_TEST(resumed.training().steps == 8);
  take_average(resumed, rule);
  fit(model, digits(), rule, quiet(1, 16));
  take_average(model, rule);
  BOOST_TEST(same_bits(model, resumed));
}

BOOST_AUTO_TEST_CASE(a_run_that_learns_no_more_ends) {
  Model<Net> model{seed(3)};
  FitOptions options = quiet(50, 16);
  options.validation = synthetic_digits(20, 2);
  options.early_stopping = {.patience = 3, .least_change = 1e9, .restore_best = true};
  std::vector<float> best;
  int calls = 0;
  options.after_epoch = [&](const EpochRecord& e) {
    ++calls;
    if (e.best) best.assign(model.parameters().begin(), model.parameters().end());
  };
  // A rate that is far too large behind the first epochs.
  options.schedule = Schedule::exponential(30);
  const History history = fit(model, digits(), SGD{.learning_rate = 0.02}, options);
  BOOST_TEST(history.stopped_early);
  BOOST_TEST(!history.stopped);
  BOOST_TEST(history.epochs.size() == 4u);  // the first is better than none, and no other by so much
  BOOST_TEST(calls == 4);
  for (const EpochRecord& e : history.epochs) BOOST_TEST(*e.validation_loss >= *history.best().validation_loss);
  BOOST_TEST(history.best().epoch < 4);
  BOOST_TEST(std::memcmp(best.data(), model.parameters().data(), model.parameters().size_bytes()) == 0);
  BOOST_TEST(std::abs(evaluate(model, options.validation).loss - *history.best().validation_loss) < 1e-6);
}

BOOST_AUTO_TEST_CASE(images_change_alike_on_any_number_of_threads) {
  Model<Net> plain{seed(3)}, one{seed(3), threads(1)}, three{seed(3), threads(3)}, other{seed(4)}, parts{seed(3)};
  FitOptions options = quiet(2, 16);
  fit(plain, digits(), Adam{}, options);
  options.augment = {.rotation = 10, .shift_x = 0.1, .elastic = 1, .brightness = 0.2};
  fit(one, digits(), Adam{}, options);
  fit(three, digits(), Adam{}, options);
  BOOST_TEST(same_bits(one, three));
  BOOST_TEST(distance(one, plain) > 1e-3);
  options.epochs = 1;  // and in every epoch anew, in a run of two parts too
  fit(parts, digits(), Adam{}, options);
  fit(parts, digits(), Adam{}, options);
  BOOST_TEST(same_bits(one, parts));
}

BOOST_AUTO_TEST_CASE(a_plateau_lowers_the_rate) {
  Model<Net> model{seed(3)};
  FitOptions options = quiet(5, 16);
  options.plateau = {.patience = 2, .factor = 0.5, .least_change = 1e9};
  const History history = fit(model, digits(), SGD{.learning_rate = 0.125}, options);
  const double rates[] = {0.125, 0.125, 0.125, 0.0625, 0.0625};
  for (std::size_t e = 0; e < 5; ++e) BOOST_TEST(history.epochs[e].learning_rate == rates[e], e);
}

BOOST_AUTO_TEST_CASE(a_second_fit_watches_anew) {
  Model<Net> model{seed(3)};
  FitOptions options = quiet(3, 16);
  options.plateau = {.patience = 2, .factor = 0.5, .least_change = 1e9};
  const auto rates = [&] {
    std::vector<double> all;
    for (const EpochRecord& e : fit(model, digits(), SGD{.learning_rate = 0.125}, options).epochs)
      all.push_back(e.learning_rate);
    return all;
  };
  BOOST_TEST(rates() == (std::vector{0.125, 0.125, 0.125}), boost::test_tools::per_element());
  BOOST_TEST(rates() == (std::vector{0.125, 0.125, 0.125}), boost::test_tools::per_element());  // neither patience
  options.epochs = 4;
  BOOST_TEST(rates() == (std::vector{0.125, 0.125, 0.125, 0.0625}), boost::test_tools::per_element());
  options.epochs = 1;
  BOOST_TEST(rates() == (std::vector{0.125}), boost::test_tools::per_element());  // nor the rate
  BOOST_TEST(fit(model, digits(), SGD{.learning_rate = 1e-9}, options).last().best);
}

BOOST_AUTO_TEST_CASE(the_best_checkpoint_is_kept) {
  const Folder folder;
  Model<Net> model{seed(3)}, best{seed(9)};
  FitOptions options = quiet(3, 16);
  options.watch = Watch::loss;
  options.after_epoch = [&](const EpochRecord& e) {
    if (e.best) save_checkpoint(model, folder.file("best"));
  };
  const History history = fit(model, digits(), Adam{}, options);
  load_checkpoint(best, folder.file("best"));
  BOOST_TEST(best.training().epochs == history.best().epoch);
}

BOOST_AUTO_TEST_CASE(options_out_of_range) {
  FitOptions o = quiet(1, 8);
  o.accumulate = 0;
  BOOST_TEST(refusal(o) == "fit: 0 batches to a step; it must be at least 1");
  o = quiet(1, 8);
  o.clip_norm = -1;
  BOOST_TEST(refusal(o) == "fit: clip_norm must not be negative");
  o = quiet(1, 8);
  o.early_stopping.patience = -1;
  BOOST_TEST(refusal(o) == "fit: patience must not be negative");
  o = quiet(1, 8);
  o.early_stopping.least_change = std::nan("");
  BOOST_TEST(refusal(o) == "fit: least_change must not be negative");
  o = quiet(1, 8);
  o.plateau.cooldown = -1;
  BOOST_TEST(refusal(o) == "fit: plateau.cooldown and plateau.least_rate must not be negative");
  o = quiet(1, 8);
  o.plateau.factor = 1;
  BOOST_TEST(refusal(o) == "fit: plateau.factor must be above 0 and below 1");
  o = quiet(1, 8);
  o.watch = Watch::validation_accuracy;
  BOOST_TEST(refusal(o) == "fit: a validation figure is to be watched, and there is no validation data");
  o = quiet(1, 8);
  o.augment.zoom = 2;
  BOOST_TEST(refusal(o) == "Augmentation: zoom must be at least 0 and below 1");
  o = quiet(1, 8);
  o.schedule = Schedule::step(0);
  BOOST_TEST(refusal(o) == "Schedule::step: `every` is 0; it must be above 0");
}

BOOST_AUTO_TEST_SUITE_END()
