// A preprocessing that divides by zero.
// expect: Place<0>
// expect: Scaled<1, 0
// expect: error::preprocessing_is_not_finite
#include <strata/strata.hpp>

using namespace strata;

struct Layers : Seq<Dense<16>, Softmax<10>> {};
#ifdef STRATA_TWIN
using Net = Network<Layers, Input<28, 28, 1, Scaled<1, 255>>>;
#else
using Net = Network<Layers, Input<28, 28, 1, Scaled<1, 0>>>;
#endif

#include "program.hpp"
