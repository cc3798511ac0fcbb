// A model of the layers, where a network is layers and their input.
// expect: Place<>
// expect: Net
// expect: network_error::this_is_no_network
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
using Net = Network<Seq<Conv<8, 3>, Softmax<10>>, Input<28, 28, 1>>;
#else
struct Net : Seq<Conv<8, 3>, Softmax<10>> {};
#endif

int main() {
  const Dataset train = synthetic_digits(1000, 1);
  Model<Net> model{seed(42)};
  fit(model, train, SGD{.learning_rate = 0.01});
  print(evaluate(model, train));
  save(model, "digits.safetensors");
  const std::array<float, 10> p = predict(model, train.image(0));
  const std::vector<float> all = predict(model, train);
  return p[0] > all[0];
}
