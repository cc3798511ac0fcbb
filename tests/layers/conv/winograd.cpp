// Conv by Winograd's tiles in whole networks: chosen by the backend's type, with everything that rides on a group.
#include <strata/strata.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace strata;

namespace {

using Direct = Cpu<Convolution::direct>;
using Tiles2 = Cpu<Convolution::winograd_2>;
using Tiles4 = Cpu<Convolution::winograd_4>;

/// Largest difference of two lists of outputs, relative to the largest output.
double difference(const std::vector<float>& a, const std::vector<float>& b) {
  BOOST_REQUIRE_EQUAL(a.size(), b.size());
  double worst = 0, largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
    largest = std::max(largest, std::abs(static_cast<double>(b[i])));
  }
  BOOST_TEST(largest > 0);
  return worst / largest;
}

/// What a model with the parameters of seed 5 says about 7 drawn digits, by itself or as a Predictor.
template <class Net, class Backend, bool Predicts>
std::vector<float> outputs(int threads) {
  Model<Net, Backend> model{seed(5), strata::threads(threads)};
  for (const Segment& s : Net::parameters.segments)  // biases that are not zero
    if (std::string(s.parameter.name) == "bias")
      for (std::int64_t i = 0; i < s.parameter.size(); ++i)
        model.parameters()[static_cast<std::size_t>(s.offset + i)] = 0.01f * static_cast<float>(i % 7 - 3);
  const Dataset data = synthetic_digits(7, 3);
  if constexpr (Predicts) {
    Predictor<Net, Backend> predictor{model, strata::threads(threads)};
    return predict(predictor, data);
  } else {
    return predict(model, data);
  }
}

// Both forms round many times over; F(2 x 2) adds and halves, F(4 x 4) also multiplies by up to 3.4 on the way back and
// loses about two bits more (cpu/winograd.hpp has its measured errors).
constexpr double bound_2 = 4e-6, bound_4 = 2e-5;

template <class... Layers>
void check() {
  using Net = Network<Seq<Layers...>, Input<28, 28, 1>>;
  const auto direct = outputs<Net, Direct, true>(1);
  BOOST_TEST((difference(outputs<Net, Tiles2, true>(1), direct) < bound_2));
  BOOST_TEST((difference(outputs<Net, Tiles4, true>(1), direct) < bound_4));
  // The same tiles on two threads and without packing ahead.
  BOOST_TEST((outputs<Net, Tiles4, true>(2) == outputs<Net, Tiles4, true>(1)));
  BOOST_TEST((outputs<Net, Tiles4, false>(2) == outputs<Net, Tiles4, true>(1)));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(conv_winograd)

BOOST_AUTO_TEST_CASE(in_a_group) {
  check<Conv<5, 3>, Conv<17, 3, ReLU>>();
  check<Conv<16, 3, Same>, LeakyReLU<8>, Conv<33, 3, Same>, ReLU>();
  check<Conv<6, 3, Pad<2, 0, 1, 2>>, ReLU>();
}

BOOST_AUTO_TEST_CASE(with_pooling) {
  check<Conv<5, 3>, MaxPool<2>, Conv<36, 3, ReLU>, MaxPool<2>, LeakyReLU<8>, Flatten>();
  check<Conv<5, 5>, Conv<20, 3, Same, ReLU>, AvgPool<2>>();
  check<Conv<5, 3, Same>, Conv<19, 3, Same, ReLU>, MaxPool<2>, Conv<18, 3, Same>, MaxPool<2>>();
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_runs_directly) {  // other kernels, strides, windows that cross the tiles
  using Net =
      Network<Seq<Conv<6, 5, Stride<2>>, Conv<7, 3, Stride<2>>, ReLU, Conv<8, 3, Same>, MaxPool<3>>, Input<28, 28, 1>>;
  BOOST_TEST((outputs<Net, Tiles4, true>(1) == outputs<Net, Direct, true>(1)));
}

BOOST_AUTO_TEST_CASE(training_on_request) {
  using Net =
      Network<Seq<Conv<8, 3, ReLU>, MaxPool<2>, Conv<20, 3, ReLU>, MaxPool<2>, Dense<10>, Softmax<>>, Input<28, 28, 1>>;
  const Dataset data = synthetic_digits(200, 1);
  auto loss = [&](auto model) {
    return fit(model, data, Adam{}, {.epochs = 3, .batch = 20, .progress = Progress::silent}).epochs.back().loss;
  };
  const double direct = loss(Model<Net, Direct>{seed(2)});
  const double automatic = loss(Model<Net>{seed(2)});
  const double winograd = loss(Model<Net, Tiles2>{seed(2)});
  BOOST_TEST(direct == automatic);
  BOOST_TEST(direct < 2.25);  // it learns: a dead net has the loss of its biases, however it convolves
  BOOST_TEST(winograd != direct);
  BOOST_TEST(std::abs(winograd - direct) < 1e-3 * direct);  // rounding, grown over 30 steps
}

BOOST_AUTO_TEST_CASE(a_predictor_chooses_it_for_wide_layers_and_no_class_changes) {
  using Net = Network<Seq<Conv<64, 3, ReLU>, MaxPool<2>, Conv<64, 3, ReLU>, MaxPool<2>, Dense<10>, Softmax<>>,
                      Input<28, 28, 1>>;
  static_assert(Predictor<Net>::Runner::PredictionExecutor::packed_floats > 0);
  static_assert(Predictor<Net, Direct>::Runner::PredictionExecutor::packed_floats == 0);
  Model<Net> model{seed(4)};
  Model<Net, Direct> same{seed(4)};
  fit(model, synthetic_digits(600, 1), Adam{}, {.epochs = 1, .progress = Progress::silent});
  std::copy(model.parameters().begin(), model.parameters().end(), same.parameters().begin());
  Predictor<Net> winograd{model};
  Predictor<Net, Direct> direct{same};
  const Dataset data = synthetic_digits(500, 2);
  const std::vector<float> a = predict(winograd, data), b = predict(direct, data);
  BOOST_TEST(a != b);
  BOOST_TEST(difference(a, b) < bound_4);
  for (std::size_t i = 0; i < a.size(); i += 10)
    BOOST_TEST((std::max_element(a.data() + i, a.data() + i + 10) - a.data()) ==
               (std::max_element(b.data() + i, b.data() + i + 10) - b.data()));
}

BOOST_AUTO_TEST_CASE(a_model_packs_for_itself_where_an_image_is_large) {
  using Large = Network<Seq<Conv<64, 5>, Conv<64, 3, ReLU>>, Input<28, 28, 1>>;  // 22 x 22 outputs
  using Steps = Plan<Large, Mode::inference, Cpu<>>;
  static_assert(Steps::workspace_bytes(1, 1) - Steps::workspace_bytes(1, 1, true) >= 36 * 64 * 64 * 4);
  const auto large = outputs<Large, Cpu<>, false>(1);
  BOOST_TEST((large == outputs<Large, Cpu<>, true>(1)));
  BOOST_TEST((large != outputs<Large, Direct, false>(1)));
  using Small = Network<Seq<Conv<64, 5, Stride<2>>, Conv<64, 3, ReLU>>, Input<28, 28, 1>>;  // 10 x 10 outputs
  using Pooled = Network<Seq<Conv<64, 5>, Conv<64, 3, ReLU>, MaxPool<2>>, Input<28, 28, 1>>;
  BOOST_TEST((outputs<Pooled, Cpu<>, false>(1) == outputs<Pooled, Cpu<>, true>(1)));
  const auto small = outputs<Small, Cpu<>, false>(1);
  BOOST_TEST((small == outputs<Small, Direct, false>(1)));
  BOOST_TEST((small != outputs<Small, Cpu<>, true>(1)));
}

BOOST_AUTO_TEST_SUITE_END()
