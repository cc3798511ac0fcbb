// The simplest convolutional network, trained by plain gradient descent with momentum: about 98.8 % of MNIST.
#include <strata/strata.hpp>

#define STB_IMAGE_IMPLEMENTATION
#include "support/report.hpp"
#include "support/run.hpp"

using namespace strata;

struct Simple : Seq<Conv<32, 3, ReLU>, MaxPool<2>, Dense<100, ReLU>, Softmax<10>> {};
using Net = Network<Simple, Input<28, 28, 1>>;

static_assert(Net::parameter_count_at<0> == 320);
static_assert(Net::parameter_count_at<2> == 540'900);
static_assert(Net::parameter_count_at<3> == 1'010);
static_assert(Net::parameter_count == 542'230);

// The model is on the CPU or on a GPU.
constexpr auto train = [](auto& model, const example::Digits& digits, const example::Options& options) {
  return fit(model, digits.train, SGD{.learning_rate = options.learning_rate, .momentum = 0.9},
             example::fit_options(digits, options));
};

int main(int argc, char** argv) {
  const example::About about{.name = "mnist_simple",
                             .summary = "Learns handwritten digits with the simplest convolutional network.",
                             .epochs = 10,
                             .batch = 32,
                             .learning_rate = 0.01,
                             .improved = {{.epochs = 20, .batch = 32, .learning_rate = 0.05}}};
  return example::run<Net>(argc, argv, about, train, example::leave_report);
}
