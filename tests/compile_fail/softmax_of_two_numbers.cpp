// Two numbers where one is meant.
// expect: Place<1>
// expect: Softmax<10, 20>
// expect: error::takes_one_number_or_none
// expect: Image<28, 28, 1>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Softmax<10>> {};
#else
struct Layers : Seq<Softmax<10, 20>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
