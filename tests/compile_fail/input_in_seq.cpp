// The Input among the layers.
// expect: Place<1>
// expect: Input<28, 28, 1
// expect: network_error::this_is_no_layer
// expect: Image<28, 28, 1>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Softmax<10>> {};
#else
struct Layers : Seq<Input<28, 28, 1>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
