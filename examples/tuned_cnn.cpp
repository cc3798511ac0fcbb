// A tuned convolutional network: leaky rectifiers, dropout, batch normalisation, images changed at random.
#include <strata/strata.hpp>

#define STB_IMAGE_IMPLEMENTATION
#include "support/report.hpp"
#include "support/run.hpp"

using namespace strata;

struct Tuned : Seq<Conv<64, 3>, LeakyReLU<8>, MaxPool<2>, Dropout<20>,                       //
                   Conv<128, 3>, LeakyReLU<8>, MaxPool<2>, Dropout<20>, Flatten,             //
                   BatchNorm<>, Dense<128, Uniform<1, 20>>, BatchNorm<>, ReLU, Dropout<20>,  //
                   BatchNorm<>, Dense<10, Uniform<1, 20>>, BatchNorm<>, Softmax<>> {};
using Net = Network<Tuned, Input<28, 28, 1>>;

static_assert(Net::parameter_count == 499'378);
static_assert(Net::trainable_count == 492'446);

// Every epoch sees other images: turned by up to 8 degrees, moved, sheared and zoomed a little.
constexpr auto train = [](auto& model, const example::Digits& digits, const example::Options& options) {
  FitOptions how = example::fit_options(digits, options);
  how.drop_last = digits.train.size() >= options.batch;
  if (!options.improved) how.augment = {.rotation = 8, .shift_x = 0.02, .shear = 0.1, .zoom = 0.08};
  return fit(model, digits.train, Adam{.learning_rate = options.learning_rate}, how);
};

int main(int argc, char** argv) {
  const example::About about{.name = "tuned_cnn",
                             .summary = "Learns handwritten digits with a tuned convolutional network.",
                             .epochs = 20,
                             .batch = 256,
                             .learning_rate = 0.01,
                             .improved = {{.epochs = 40, .batch = 128, .learning_rate = 1e-3}}};
  return example::run<Net>(argc, argv, about, train, example::leave_report);
}
