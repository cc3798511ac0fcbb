// An input of no features.
// expect: Place<0>
// expect: Input<0
// expect: error::has_an_extent_below_one
#include <strata/strata.hpp>

using namespace strata;

struct Layers : Seq<Dense<16>, Softmax<10>> {};
#ifdef STRATA_TWIN
using Net = Network<Layers, Input<784>>;
#else
using Net = Network<Layers, Input<0>>;
#endif

#include "program.hpp"
