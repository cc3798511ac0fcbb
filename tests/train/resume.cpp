// Training that goes on: in a second fit, through a checkpoint, and afresh where that is asked for.
#include <strata/model/files.hpp>
#include <strata/train/fit.hpp>

#include "reference_models.hpp"

#include <boost/test/unit_test.hpp>

#include <cstring>
#include <string>

#include "io/folder.hpp"

using namespace strata;
using reference::SmallR5;

namespace {

/// Not a multiple of the batch, so that every epoch ends in a partial one.
const Dataset& digits() {
  static const Dataset data = synthetic_digits(150, 1);
  return data;
}

FitOptions epochs(std::int64_t n) { return {.epochs = n, .progress = Progress::silent}; }

template <class Net>
bool same_bits(const Model<Net>& a, const Model<Net>& b) {
  const TrainingState &s = a.training(), &t = b.training();
  return std::memcmp(a.parameters().data(), b.parameters().data(), a.parameters().size_bytes()) == 0 &&
         s.moments.size() == t.moments.size() &&
         (s.moments.size() == 0 || std::memcmp(s.moments.data(), t.moments.data(), s.moments.size()) == 0) &&
         s.steps == t.steps && s.epochs == t.epochs && s.epochs_before == t.epochs_before &&
         s.optimizer == t.optimizer && s.slots == t.slots;
}

template <class Optimizer>
void check(const Optimizer& optimizer) {
  const Folder folder;
  Model<SmallR5> whole{seed(7), threads(2)}, first{seed(7), threads(1)};
  const History five = fit(whole, digits(), optimizer, epochs(5));

  fit(first, digits(), optimizer, epochs(2));
  save_checkpoint(first, folder.file("checkpoint"));
  Model<SmallR5> resumed{seed(999), threads(3)};  // another seed: the file's counts
  fit(resumed, digits(), SGD{}, epochs(1));       // and another past
  load_checkpoint(resumed, folder.file("checkpoint"));
  BOOST_TEST(same_bits(resumed, first));
  BOOST_TEST(resumed.seed().value == 7u);
  const History rest = fit(resumed, digits(), optimizer, epochs(3));
  BOOST_TEST(same_bits(resumed, whole));
  BOOST_TEST(rest.epochs.size() == 3u);
  for (std::size_t e = 0; e < 3; ++e) {
    BOOST_TEST(rest.epochs[e].epoch == static_cast<std::int64_t>(e) + 3);
    BOOST_TEST(rest.epochs[e].loss == five.epochs[e + 2].loss);
    BOOST_TEST(rest.epochs[e].accuracy == five.epochs[e + 2].accuracy);
  }
  // Without a file as well: the model that was saved goes on.
  fit(first, digits(), optimizer, epochs(3));
  BOOST_TEST(same_bits(first, whole));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(train_resume)

BOOST_AUTO_TEST_CASE(two_and_three_epochs_are_five_with_adam) { check(Adam{.learning_rate = 3e-3}); }

BOOST_AUTO_TEST_CASE(two_and_three_epochs_are_five_with_momentum) {
  check(SGD{.learning_rate = 0.05, .momentum = 0.9});
}

BOOST_AUTO_TEST_CASE(two_and_three_epochs_are_five_without_moments) { check(SGD{.learning_rate = 0.05}); }

BOOST_AUTO_TEST_CASE(a_restart_begins_afresh_but_keeps_what_was_learnt) {
  Model<SmallR5> going_on{seed(7), threads(1)}, restarted{seed(7), threads(1)};
  fit(going_on, digits(), Adam{}, epochs(1));
  fit(restarted, digits(), Adam{}, epochs(1));
  fit(going_on, digits(), Adam{}, epochs(1));
  const History history =
      fit(restarted, digits(), Adam{}, {.epochs = 1, .restart = true, .progress = Progress::silent});
  BOOST_TEST(!same_bits(going_on, restarted));
  BOOST_TEST(history.last().epoch == 1);
  BOOST_TEST(restarted.training().epochs == 1);
  BOOST_TEST(restarted.training().steps == 5);
  BOOST_TEST(going_on.training().epochs == 2);
  BOOST_TEST(going_on.training().steps == 10);
  BOOST_TEST(history.last().loss < 2.2);  // parameters stayed: the first loss of this net is above ln 10
}

BOOST_AUTO_TEST_CASE(another_optimizer_begins_its_own_moments) {
  Model<SmallR5> model{seed(7), threads(1)};
  fit(model, digits(), Adam{}, epochs(1));
  BOOST_TEST(model.training().slots == 2);
  fit(model, digits(), SGD{.momentum = 0.5}, epochs(1));
  BOOST_TEST(model.training().optimizer == "sgd");
  BOOST_TEST(model.training().slots == 1);
  BOOST_TEST(model.training().steps == 5);
  BOOST_TEST(model.training().epochs == 2);  // the order of samples goes on
}

BOOST_AUTO_TEST_CASE(a_checkpoint_before_any_training) {
  const Folder folder;
  Model<SmallR5> model{seed(7), threads(1)}, resumed{seed(8), threads(1)};
  save_checkpoint(model, folder.file("checkpoint"));
  load_checkpoint(resumed, folder.file("checkpoint"));
  BOOST_TEST(same_bits(model, resumed));
  fit(model, digits(), Adam{}, epochs(1));
  fit(resumed, digits(), Adam{}, epochs(1));
  BOOST_TEST(same_bits(model, resumed));
}

BOOST_AUTO_TEST_CASE(seeds_matter) {
  Model<SmallR5> a{seed(7), threads(1)}, b{seed(8), threads(1)}, c{seed(7), threads(1)};
  for (Model<SmallR5>* m : {&a, &b, &c}) fit(*m, digits(), Adam{}, epochs(1));
  BOOST_TEST(same_bits(a, c));
  BOOST_TEST(!same_bits(a, b));
  // Not only through the first values: order and dropout follow the seed too.
  Model<SmallR5> d{seed(7), threads(1)};
  d.reseed(seed(8));
  fit(d, digits(), Adam{}, epochs(1));
  BOOST_TEST(!same_bits(a, d));
}

BOOST_AUTO_TEST_SUITE_END()
