// A classifier of no classes.
// expect: Place<2>
// expect: Softmax<0>
// expect: Dense<0>::error::units_must_be_at_least_one
// expect: Vector<784>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Flatten, Softmax<10>> {};
#else
struct Layers : Seq<Flatten, Softmax<0>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
