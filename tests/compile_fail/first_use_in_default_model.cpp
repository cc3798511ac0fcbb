// The network is first used by a model without arguments.
// expect: Place<1>
// expect: Conv<8, 33>
// expect: error::kernel_is_larger_than_its_input
// expect: Image<28, 28, 1>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Conv<8, 3>, Softmax<10>> {};
#else
struct Layers : Seq<Conv<8, 33>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

int main() {
  const Dataset train = synthetic_digits(1000, 1);
  Model<Net> model;
  fit(model, train, SGD{});
  const auto p = predict(model, train.image(0));
  return p[0] > 1;
}
