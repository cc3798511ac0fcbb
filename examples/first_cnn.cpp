// The first convolutional network of a study: one convolution of 5 x 5, average pooling, two dense layers.
#include <strata/strata.hpp>

#define STB_IMAGE_IMPLEMENTATION
#include "support/report.hpp"
#include "support/run.hpp"

using namespace strata;

struct First : Seq<Conv<32, 5, ReLU>, AvgPool<2>, Flatten, Dense<20, ReLU>, Softmax<10>> {};
using Net = Network<First, Input<28, 28, 1>>;

static_assert(Net::parameter_count_at<0> == 832);
static_assert(Net::parameter_count_at<3> == 92'180);
static_assert(Net::parameter_count_at<4> == 210);
static_assert(Net::parameter_count == 93'222);

constexpr auto train = [](auto& model, const example::Digits& digits, const example::Options& options) {
  return fit(model, digits.train, Adam{.learning_rate = options.learning_rate}, example::fit_options(digits, options));
};

int main(int argc, char** argv) {
  const example::About about{.name = "first_cnn",
                             .summary = "Learns handwritten digits with one convolution and average pooling.",
                             .epochs = 10,
                             .batch = 128,
                             .learning_rate = 1e-3,
                             .improved = {{.epochs = 20, .batch = 128, .learning_rate = 3e-3}}};
  return example::run<Net>(argc, argv, about, train, example::leave_report);
}
