// An epoch of training leaves the same bits on any number of threads.
#include "reference_models.hpp"

#include <boost/test/unit_test.hpp>

#include <cstring>
#include <string>

using namespace strata;

namespace {

/// Trains an epoch with 1, 2 and 3 threads and compares every parameter, moment and figure.
template <class Net, class Optimizer>
void check(const Optimizer& optimizer, int batch) {
  const Dataset data = synthetic_digits(230, 1), other = synthetic_digits(70, 2);
  auto run = [&](Model<Net>& model) {
    return fit(model, data, optimizer,
               {.epochs = 1, .batch = batch, .validation = other, .progress = Progress::silent});
  };
  Model<Net> one{seed(5), threads(1)};
  const Model<Net> before{seed(5), threads(1)};
  const History history = run(one);
  BOOST_TEST(std::memcmp(one.parameters().data(), before.parameters().data(), one.parameters().size_bytes()) != 0);
  for (const int n : {2, 3}) {
    Model<Net> other_model{seed(5), threads(n)};
    BOOST_TEST(other_model.pool().threads() == n);
    const History again = run(other_model);
    const std::string what = std::to_string(n) + " threads, batch " + std::to_string(batch);
    BOOST_TEST(
        std::memcmp(one.parameters().data(), other_model.parameters().data(), one.parameters().size_bytes()) == 0,
        what);
    BOOST_TEST(one.training().moments.size() == other_model.training().moments.size());
    BOOST_TEST(std::memcmp(one.training().moments.data(), other_model.training().moments.data(),
                           one.training().moments.size()) == 0,
               what);
    BOOST_TEST(history.last().loss == again.last().loss, what);
    BOOST_TEST(history.last().accuracy == again.last().accuracy, what);
    BOOST_TEST(*history.last().validation_loss == *again.last().validation_loss, what);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(train_threads)

BOOST_AUTO_TEST_CASE(a_net_with_batch_normalisation) {
  check<reference::SmallR5>(Adam{}, 32);
  check<reference::SmallR5>(Adam{}, 7);
}

BOOST_AUTO_TEST_CASE(a_plain_net) {
  check<reference::SmallR12>(SGD{.momentum = 0.9}, 32);
  check<reference::SmallR12>(Adam{}, 230);
}

BOOST_AUTO_TEST_SUITE_END()
