// A rate that leaves nothing.
// expect: Place<2>
// expect: Dropout<100>
// expect: error::rate_is_outside_0_to_99_percent
// expect: Vector<16>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Dense<16>, Dropout<99>, Softmax<10>> {};
#else
struct Layers : Seq<Dense<16>, Dropout<100>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
