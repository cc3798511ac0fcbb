// Whole networks as the executor runs them: right against the references, and the same bits for any number of threads.
#include <layers/check_network.hpp>

using namespace strata;
using layer_test::check_network;
using layer_test::check_prediction;
using layer_test::NetworkRun;

namespace {

// R5 on smaller images with fewer filters.
struct SmallR5 : Seq<Conv<6, 3>, LeakyReLU<8>, MaxPool<2>, Dropout<20>, Conv<17, 3>, LeakyReLU<8>, MaxPool<2>,
                     Dropout<20>, Flatten, BatchNorm<>, Dense<20>, BatchNorm<>, ReLU, Dropout<20>, BatchNorm<>,
                     Dense<10>, BatchNorm<>, Softmax<>> {};
struct SmallR1 : Seq<Conv<8, 3, ReLU>, MaxPool<2>, Flatten, Dense<20, ReLU>, Softmax<10>> {};
#if STRATA_FULL_GRIDS
struct SmallR12 : Seq<Conv<28, 3>, MaxPool<2>, Dense<32, ReLU>, Dropout<20>, Softmax<10>> {};
#endif

template <class Layers, class In>
void check_threads(int batch) {
  const NetworkRun<Network<Layers, In>> run(batch);
  const layer_test::Step one = run.run(1);
  for (const int threads : {2, 3}) BOOST_TEST((run.run(threads, 2) == one), threads << " threads");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(executor)

BOOST_AUTO_TEST_CASE(small_forms_of_the_reference_models) {
  check_network<Input<14, 15, 1>, SmallR1>();
  check_network<Input<14, 14, 1>, SmallR5>(8);
  check_prediction<Input<14, 14, 1>, SmallR5>(8);
}

BOOST_AUTO_TEST_CASE(groups_without_a_producer) {
  check_network<Input<8, 8, 2>, MaxPool<2>, Conv<5, 3>, MaxPool<2>, AvgPool<1>, ReLU>();  // and two reductions in a row
  check_network<Input<9, 9, 2>, Conv<5, 3>, Dropout<20>, AvgPool<2>, ReLU, MaxPool<2>, ReLU>();
  check_network<Input<12>, ReLU, Flatten, Dense<4>>();
}

BOOST_AUTO_TEST_CASE(batch_normalisation) {
  check_network<Input<6, 6, 3>, BatchNorm<>, Conv<4, 3>, BatchNorm<>, ReLU, MaxPool<2>, BatchNorm<>, Flatten,
                BatchNorm<>>(5);
  check_prediction<Input<6, 6, 3>, BatchNorm<>, Conv<4, 3>, MaxPool<2>, BatchNorm<>, ReLU, Flatten, BatchNorm<>>(5);
}

BOOST_AUTO_TEST_CASE(softmax_within_a_network) {  // only the one at the end vanishes from training
  check_network<Input<12>, Dense<9>, Softmax<>, Dense<4>>();
  check_network<Input<12>, Dense<9>, Softmax<>, Dense<4>, Softmax<>, Dropout<20>>();
}

BOOST_AUTO_TEST_CASE(nothing_to_train) {
  check_network<Input<4, 4, 2>, MaxPool<2>, Flatten, ReLU>();
  check_network<Input<4, 4, 2>, Flatten>();
  check_prediction<Input<5>, Dropout<20>>();
}

#if STRATA_FULL_GRIDS
BOOST_AUTO_TEST_CASE(more_networks) {
  check_network<Input<14, 15, 1>, SmallR12>(5);
  check_network<Input<8, 9, 2>, ReLU, AvgPool<2>, LeakyReLU<8>, Conv<5, 3>, Dense<4>>();
  check_network<Input<9, 9, 2>, Conv<5, 3>, MaxPool<2>, MaxPool<2>, Dense<4>>();
  check_network<Input<9, 9, 2>, BatchNorm<>, Conv<5, 3>, MaxPool<2>, Dropout<20>, AvgPool<2>, Dense<4>>();
  check_network<Input<6, 6, 2>, Flatten, Dense<9>, Flatten, ReLU, Dense<4>>();
  check_network<Input<12>, ReLU, Dense<9>, ReLU>();
  check_network<Input<8, 8, 3>, Conv<5, 3>, MaxPool<2>, BatchNorm<>, ReLU, Flatten, BatchNorm<>, Dense<4>, BatchNorm<>>(
      5);
  check_network<Input<12>, BatchNorm<>, Dense<9>, BatchNorm<>, ReLU, Dense<4>>(6);
  check_prediction<Input<8, 8, 3>, Conv<5, 3>, BatchNorm<>, ReLU, MaxPool<2>, Dense<4>, BatchNorm<>>(5);
}
#endif

BOOST_AUTO_TEST_CASE(same_bits_for_any_number_of_threads) {
  check_threads<SmallR5, Input<14, 14, 1>>(7);
  check_threads<SmallR1, Input<14, 15, 1>>(13);
#if STRATA_FULL_GRIDS
  check_threads<SmallR12, Input<14, 15, 1>>(13);
#endif
}

BOOST_AUTO_TEST_CASE(a_prediction_does_not_depend_on_its_batch) {
  const NetworkRun<Network<SmallR5, Input<14, 14, 1>>, Mode::inference> run(13);
  const std::vector<float> all = run.run(3).result;
  for (int batch = 1; batch < 13; ++batch) {
    const std::vector<float> few = run.run(1, 1, batch).result;
    BOOST_TEST(layer_test::same_bits(few, {all.begin(), all.begin() + batch * 10}), "batch " << batch);
  }
}

BOOST_AUTO_TEST_SUITE_END()
