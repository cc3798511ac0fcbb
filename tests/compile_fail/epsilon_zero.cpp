// An epsilon that guards nothing.
// expect: Place<2>
// expect: BatchNorm<Epsilon<0, 1>>
// expect: error::epsilon_must_be_above_zero
// expect: Vector<16>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Dense<16>, BatchNorm<Epsilon<1, 100>>, Softmax<10>> {};
#else
struct Layers : Seq<Dense<16>, BatchNorm<Epsilon<0, 1>>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
