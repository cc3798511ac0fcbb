// An activation as an option of a pooling layer.
// expect: Place<2>
// expect: MaxPool<2, ReLU>
// expect: OptionOf<ReLU>::error::does_not_belong_to_this_layer
// expect: Image<26, 26, 8>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Conv<8, 3, ReLU>, MaxPool<2>, Softmax<10>> {};
#else
struct Layers : Seq<Conv<8, 3>, MaxPool<2, ReLU>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
