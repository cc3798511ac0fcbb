// A frozen block behind a layer that is trained.
// expect: Place<2, 1>
// expect: Dense<16>
// expect: network_error::frozen_behind_a_layer_that_is_trained
// expect: Vector<32>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Frozen<Dense<32>>, Frozen<Seq<Dense<16>, ReLU>>, Softmax<10>> {};
#else
struct Layers : Seq<Dense<32>, Frozen<Seq<Dense<16>, ReLU>>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
