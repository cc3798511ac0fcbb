// Predictions: the same bits in any company, from bytes as from floats, and refused where the shape is another.
#include <strata/model/predict.hpp>

#include "reference_models.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "io/folder.hpp"

using namespace strata;

namespace {

/// As if it had been trained: no bias and no running average is what it was at first.
template <class Net>
void move_parameters(Model<Net>& model) {
  std::uint32_t i = 0;
  for (float& p : model.parameters()) p += 0.05f * philox::uniform(philox::word({philox::Key(7)}, 1, i++));
}

template <class Net>
void check_company() {
  Model<Net> model{seed(5), threads(1)};
  move_parameters(model);
  const Dataset data = synthetic_digits(531, 4);
  const std::vector<float> all = predict(model, data);
  constexpr std::size_t width = 10;
  std::size_t differ = 0;
  for (std::int64_t i = 0; i < data.size(); i += 13) {
    const std::array<float, width> one = predict(model, data.image(i));
    differ += std::memcmp(one.data(), all.data() + width * static_cast<std::size_t>(i), sizeof one) != 0;
  }
  BOOST_TEST(differ == 0u);
  for (const std::int64_t size : {1, 2, 7, 255, 256, 257}) {
    const std::vector<float> some = predict(model, data.drop(3).take(size));
    BOOST_TEST(std::memcmp(some.data(), all.data() + 3 * width, some.size() * sizeof(float)) == 0);
  }
  // Other threads, the same bits.
  for (const int n : {2, 3}) {
    Model<Net> other{seed(5), threads(n)};
    std::memcpy(other.parameters().data(), model.parameters().data(), model.parameters().size_bytes());
    BOOST_TEST((predict(other, data) == all));
  }
  double worst = 0;
  for (std::size_t i = 0; i < all.size(); i += width) {
    double sum = 0;
    for (std::size_t c = 0; c < width; ++c) sum += static_cast<double>(all[i + c]);
    worst = std::max(worst, std::abs(sum - 1));
  }
  BOOST_TEST(worst < 1e-6);
}

struct Small : Seq<Dense<4>> {};

/// Whether bytes give the same prediction as the floats that the preprocessing is to make of them.
template <class In>
void check_bytes(Shape shape, float (*value)(std::span<const std::uint8_t> pixels, std::size_t i)) {
  Model<Network<Small, In>> model{seed(5), threads(1)};
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(shape.size()));
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(37 * i + 11);
  std::vector<float> floats(bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) floats[i] = value(bytes, i);
  BOOST_TEST(predict(model, Sample{shape, bytes, {}}) == predict(model, Sample{shape, {}, floats}),
             boost::test_tools::per_element());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(model_predict)

BOOST_AUTO_TEST_CASE(a_prediction_does_not_depend_on_its_company) {
  check_company<reference::SmallR12>();
  check_company<reference::SmallR5>();
}

BOOST_AUTO_TEST_CASE(bytes_are_preprocessed_and_floats_are_not) {
  check_bytes<Input<4, 4, 3>>(Shape::image(4, 4, 3), [](std::span<const std::uint8_t> p, std::size_t i) {
    return static_cast<float>(p[i] * (1.0 / 255));
  });
  check_bytes<Input<4, 4, 1, Centered>>(Shape::image(4, 4, 1), [](std::span<const std::uint8_t> p, std::size_t i) {
    return static_cast<float>(p[i] * (1.0 / 255) - 0.5);
  });
  check_bytes<Input<16>::with<Scaled<2, 255, -1>>>(
      Shape::vector(16),
      [](std::span<const std::uint8_t> p, std::size_t i) { return static_cast<float>(p[i] * (2.0 / 255) - 1); });
  // Blue, green, red less the mean of each.
  check_bytes<Input<4, 4, 3, Caffe>>(Shape::image(4, 4, 3), [](std::span<const std::uint8_t> p, std::size_t i) {
    constexpr double means[] = {103.939, 116.779, 123.68};
    return static_cast<float>(p[i - i % 3 + (2 - i % 3)] - means[i % 3]);
  });
  check_bytes<Input<4, 4, 3, Torch>>(Shape::image(4, 4, 3), [](std::span<const std::uint8_t> p, std::size_t i) {
    constexpr double means[] = {0.485, 0.456, 0.406}, deviations[] = {0.229, 0.224, 0.225};
    return static_cast<float>(p[i] * (1.0 / 255 / deviations[i % 3]) - means[i % 3] / deviations[i % 3]);
  });
}

BOOST_AUTO_TEST_CASE(a_dense_layer_by_hand) {
  Model<Network<Small, Input<3>>> model{seed(5), threads(1)};
  const std::span<float> kernel = model.tensor("dense_1/kernel"), bias = model.tensor("dense_1/bias");
  for (std::size_t i = 0; i < 12; ++i) kernel[i] = static_cast<float>(i) - 4;
  for (std::size_t i = 0; i < 4; ++i) bias[i] = static_cast<float>(10 * i);
  const std::vector<float> x{1, -2, 3};
  const auto y = predict(model, Sample{Shape::vector(3), {}, x});
  for (std::size_t u = 0; u < 4; ++u) {
    const float expected = static_cast<float>(10 * u) + kernel[u] - 2 * kernel[4 + u] + 3 * kernel[8 + u];
    BOOST_TEST(y[u] == expected);  // small integers are exact
  }
}

BOOST_AUTO_TEST_CASE(no_samples_no_predictions) {
  Model<Network<Small, Input<3>>> model{seed(5), threads(1)};
  BOOST_TEST(predict(model, Dataset()).empty());
}

BOOST_AUTO_TEST_CASE(a_vector_input_takes_images_of_its_size) {
  Model<Network<Small, Input<12>>> model{seed(5), threads(1)};
  const std::vector<float> x{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  BOOST_TEST(predict(model, Sample{Shape::image(2, 2, 3), {}, x}) == predict(model, Sample{Shape::vector(12), {}, x}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused) {
  Model<Network<Small, Input<2, 3, 2>>> model{seed(5), threads(1)};
  const std::vector<float> x(24);
  BOOST_TEST(
      message_of<Error>([&] {
        predict(model, Sample{Shape::image(3, 2, 2), {}, x});
      }) ==
      "predict: samples of 3 x 2 x 2, but the network takes 2 x 3 x 2; give Input<...> the shape of the data, or "
      "resize the data");
  BOOST_TEST(message_of<Error>([&] { predict(model, Sample{Shape::vector(12), {}, x}); }) != "nothing was thrown");
  BOOST_TEST(message_of<Error>([&] { predict(model, Dataset::view(Shape::image(3, 2, 2), x)); }) !=
             "nothing was thrown");
  std::vector<float> room(7);
  BOOST_TEST(message_of<Error>([&] {
               predict(model, Dataset::view(Shape::image(2, 3, 2), x), std::span<float>(room));
             }) == "predict: 2 samples make 8 outputs, but there is room for 7");
}

BOOST_AUTO_TEST_SUITE_END()
