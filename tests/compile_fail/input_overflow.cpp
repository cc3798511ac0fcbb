// An input of too many values.
// expect: Place<0>
// expect: Input<100000, 100000, 100
// expect: error::has_more_than_2147483647_elements
#include <strata/strata.hpp>

using namespace strata;

struct Layers : Seq<Dense<16>, Softmax<10>> {};
#ifdef STRATA_TWIN
using Net = Network<Layers, Input<100, 100, 100>>;
#else
using Net = Network<Layers, Input<100'000, 100'000, 100>>;
#endif

#include "program.hpp"
