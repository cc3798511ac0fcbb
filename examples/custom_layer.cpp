// A layer of one's own, Swish, written outside the library and used in a network like any other.
#include <strata/strata.hpp>

#define STB_IMAGE_IMPLEMENTATION
#include "support/run.hpp"

using namespace strata;

/// y = x * sigmoid(x) (Ramachandran, Zoph, Le 2017). T is a float or a vector of them, so there is no `if` on values.
struct Swish : ElementwiseLayer {
  static constexpr const char* name = "swish";
  static constexpr Saves saves = Saves::input;  // what backward wants besides dy

  template <class T>
  STRATA_HD static T sigmoid(const T& x) {
    return 1.0f / (1.0f + exponential(-x));
  }

  template <class T>
  STRATA_HD static T forward(const T& x) {
    return x * sigmoid(x);
  }

  /// dx = dy * (s + x * s * (1 - s)), s = sigmoid(x)
  template <class T>
  STRATA_HD static T backward(const T& dy, const T& x) {
    const T s = sigmoid(x);
    return dy * (s + x * s * (1.0f - s));
  }
};

struct Smooth : Seq<Conv<28, 3, Swish>, MaxPool<2>, Dense<128>, Swish, Dropout<20>, Softmax<10>> {};
using Net = Network<Smooth, Input<28, 28, 1>>;

static_assert(Net::parameter_count == 607'394);   // Swish has none
static_assert(Net::groups<Mode::training> == 3);  // it costs no pass over memory: it is fused

// The model is on the CPU or on a GPU.
constexpr auto train = [](auto& model, const example::Digits& digits, const example::Options& options) {
  return fit(model, digits.train, Adam{.learning_rate = options.learning_rate}, example::fit_options(digits, options));
};

int main(int argc, char** argv) {
  const example::About about{.name = "custom_layer",
                             .summary = "Learns handwritten digits with an activation that is written in this file.",
                             .epochs = 5,
                             .batch = 128,
                             .learning_rate = 1e-3};
  return example::run<Net>(argc, argv, about, train);
}
