// A dense layer of a negative number of units.
// expect: Place<2>
// expect: Dense<-1>
// expect: error::units_must_be_at_least_one
// expect: Vector<784>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Flatten, Dense<1>, Softmax<10>> {};
#else
struct Layers : Seq<Flatten, Dense<-1>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
