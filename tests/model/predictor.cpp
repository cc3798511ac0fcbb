// Predictor equals the model: folding changes no prediction beyond rounding.
#include <strata/strata.hpp>

#include "reference_models.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <memory>

using namespace strata;

namespace {

/// Gives every running average and every parameter of batch normalisation a value of its own.
template <class Net>
void scramble(Model<Net>& model) {
  for (const Segment& s : Net::parameters.segments) {
    float* at = model.parameters().data() + s.offset;
    const std::string name = s.parameter.name;
    for (std::int64_t i = 0; i < s.parameter.size(); ++i) {
      const float u = philox::uniform(
          philox::word({philox::Key(7)}, static_cast<std::uint32_t>(s.offset), static_cast<std::uint32_t>(i)));
      if (name == "gamma") at[i] = 0.5f + u;
      if (name == "beta" || name == "moving_mean" || name == "bias") at[i] = u - 0.5f;
      if (name == "moving_variance") at[i] = 0.3f + u;
    }
  }
}

/// Largest difference between a model's outputs and its predictor's, relative to the largest output.
template <class Net>
double difference(int operations_left) {
  Model<Net> model{seed(3), threads(2)};
  scramble(model);
  Predictor<Net> predictor{model};
  BOOST_TEST(Predictor<Net>::network::resolution_type::size == operations_left);
  const Dataset data = synthetic_digits(37, 5);
  const std::vector<float> expected = predict(model, data), got = predict(predictor, data);
  double worst = 0, largest = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(expected[i]) - static_cast<double>(got[i])));
    largest = std::max(largest, std::abs(static_cast<double>(expected[i])));
  }
  BOOST_TEST(largest > 0);
  return worst / largest;
}

// Rounding of sums over at most 1,152 products, in two orders: far below 2e-6 of the largest output.
constexpr double rounding = 4e-6;

using In = Input<28, 28, 1>;

}  // namespace

BOOST_AUTO_TEST_SUITE(predictor)

BOOST_AUTO_TEST_CASE(batch_norm_folds_backward_into_conv_and_dense) {
  using Net = Network<Seq<Conv<5, 3>, BatchNorm<>, ReLU, MaxPool<2>, Dense<17>, BatchNorm<>, ReLU, Dense<10>>, In>;
  BOOST_TEST(difference<Net>(6) < rounding);
}

BOOST_AUTO_TEST_CASE(batch_norm_folds_backward_into_a_layer_without_bias) {
  using Net = Network<Seq<Conv<5, 3, NoBias, Same, Stride<2>>, BatchNorm<>, ReLU, Dense<10, NoBias>, BatchNorm<>>, In>;
  BOOST_TEST(difference<Net>(3) < rounding);
}

BOOST_AUTO_TEST_CASE(batch_norm_folds_forward_through_dropout_and_flatten) {
  using Net = Network<Seq<Conv<6, 5>, ReLU, MaxPool<2>, BatchNorm<>, Dropout<20>, Flatten, Dense<10>>, In>;
  BOOST_TEST(difference<Net>(5) < rounding);
}

BOOST_AUTO_TEST_CASE(batch_norm_folds_forward_into_an_unpadded_conv) {
  using Net =
      Network<Seq<BatchNorm<>, Conv<6, 5>, ReLU, BatchNorm<>, Conv<7, 3>, BatchNorm<>, BatchNorm<>, Dense<10>>, In>;
  BOOST_TEST(difference<Net>(4) < rounding);
}

BOOST_AUTO_TEST_CASE(all_of_the_tuned_network_s_batch_norms_fold) {
  // Two convolutions with rectifier and pooling, flatten, dense, rectifier, dense, softmax. Sums over 3,200 products.
  BOOST_TEST(difference<reference::R5>(11) < rounding);
}

BOOST_AUTO_TEST_CASE(batch_norm_folds_between_padded_convolutions_and_their_rectifiers) {
  using Net =
      Network<Seq<Repeat<2, Seq<Conv<16, 3, Same>, BatchNorm<>, ReLU>>, MaxPool<2>,
                  Repeat<2, Seq<Conv<32, 3, Same>, BatchNorm<>, ReLU>>, GlobalAvgPool, BatchNorm<>, Softmax<10>>,
              In>;
  BOOST_TEST(difference<Net>(12) < rounding);
}

BOOST_AUTO_TEST_CASE(batch_norm_stays_where_no_linear_layer_takes_it) {
  using Padded = Network<Seq<BatchNorm<>, Conv<6, 3, Same>, ReLU, BatchNorm<>, MaxPool<2>, Dense<10>>, In>;
  BOOST_TEST(difference<Padded>(6) < rounding);
  static_assert(!Conv<6, 3, Pad<0, 1, 0, 0>>::takes_affine_input && Conv<6, 3, Pad<0>>::takes_affine_input);
  using Between = Network<Seq<Conv<6, 3>, Flatten, BatchNorm<>, ReLU, Dense<10>>, In>;
  BOOST_TEST(difference<Between>(5) < rounding);
}

BOOST_AUTO_TEST_CASE(a_network_that_does_nothing_in_inference_stays) {
  using Net = Network<Seq<Dropout<50>>, In>;
  BOOST_TEST(difference<Net>(1) == 0);
}

BOOST_AUTO_TEST_CASE(shared_predictors_agree_and_outlive_the_model) {
  using Net = Network<Seq<Conv<5, 3>, BatchNorm<>, ReLU, Softmax<10>>, In>;
  const Dataset data = synthetic_digits(4, 5);
  std::unique_ptr<Predictor<Net>> first;
  std::array<float, 10> expected{};
  {
    Model<Net> model{seed(3)};
    scramble(model);
    first = std::make_unique<Predictor<Net>>(model);
    expected = predict(*first, data.image(2));
  }
  Predictor<Net> second = first->share();
  first.reset();
  BOOST_TEST((predict(second, data.image(2)) == expected));
  float sum = 0;
  for (float p : expected) sum += p;
  BOOST_TEST(std::abs(sum - 1) < 1e-6);
}

BOOST_AUTO_TEST_SUITE_END()
