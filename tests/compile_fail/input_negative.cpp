// An image of negative width.
// expect: Place<0>
// expect: Input<28, -28, 1
// expect: error::has_an_extent_below_one
#include <strata/strata.hpp>

using namespace strata;

struct Layers : Seq<Dense<16>, Softmax<10>> {};
#ifdef STRATA_TWIN
using Net = Network<Layers, Input<28, 28, 1>>;
#else
using Net = Network<Layers, Input<28, -28, 1>>;
#endif

#include "program.hpp"
