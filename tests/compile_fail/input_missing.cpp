// A shape where the Input belongs.
// expect: Place<0>
// expect: Image<28, 28, 1>
// expect: network_error::second_argument_is_no_input
#include <strata/strata.hpp>

using namespace strata;

struct Layers : Seq<Dense<16>, Softmax<10>> {};
#ifdef STRATA_TWIN
using Net = Network<Layers, Input<28, 28, 1>>;
#else
using Net = Network<Layers, Image<28, 28, 1>>;
#endif

#include "program.hpp"
