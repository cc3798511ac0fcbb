// A number's type as an option.
// expect: Place<1>
// expect: Dense<16, int>
// expect: OptionOf<int>::error::does_not_belong_to_this_layer
// expect: Image<28, 28, 1>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Dense<16, ReLU>, Softmax<10>> {};
#else
struct Layers : Seq<Dense<16, int>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
