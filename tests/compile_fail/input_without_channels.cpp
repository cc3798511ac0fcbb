// An image whose channels are forgotten.
// expect: Place<0>
// expect: Input<28, 28
// expect: error::takes_one_extent_or_three
#include <strata/strata.hpp>

using namespace strata;

struct Layers : Seq<Dense<16>, Softmax<10>> {};
#ifdef STRATA_TWIN
using Net = Network<Layers, Input<28, 28, 1>>;
#else
using Net = Network<Layers, Input<28, 28>>;
#endif

#include "program.hpp"
