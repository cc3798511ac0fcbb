// A small convolutional network learns handwritten digits: about 98.6 % of MNIST in five epochs.
#include <strata/strata.hpp>

#define STB_IMAGE_IMPLEMENTATION
#include "support/run.hpp"

using namespace strata;

struct Digits : Seq<Conv<28, 3>, MaxPool<2>, Dense<128, ReLU>, Dropout<20>, Softmax<10>> {};
using Net = Network<Digits, Input<28, 28, 1>>;

static_assert(Net::output == Shape::vector(10));
static_assert(Net::parameter_count == 607'394);
static_assert(Net::training_bytes(128, Adam{}) < 64_MiB);

// The model is on the CPU or on a GPU.
constexpr auto train = [](auto& model, const example::Digits& digits, const example::Options& options) {
  return fit(model, digits.train, Adam{.learning_rate = options.learning_rate}, example::fit_options(digits, options));
};

int main(int argc, char** argv) {
  const example::About about{.name = "mnist",
                             .summary = "Learns handwritten digits with a small convolutional network.",
                             .epochs = 5,
                             .batch = 128,
                             .learning_rate = 1e-3,
                             .improved = {{.epochs = 20, .batch = 128, .learning_rate = 2e-3, .strength = 0.5}}};
  return example::run<Net>(argc, argv, about, train);
}
