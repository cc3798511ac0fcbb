// A preprocessing that is none.
// expect: Place<0>
// expect: Input<28, 28, 1, int>
// expect: error::fourth_argument_is_no_preprocessing
#include <strata/strata.hpp>

using namespace strata;

struct Layers : Seq<Dense<16>, Softmax<10>> {};
#ifdef STRATA_TWIN
using Net = Network<Layers, Input<28, 28, 1, Centered>>;
#else
using Net = Network<Layers, Input<28, 28, 1, int>>;
#endif

#include "program.hpp"
