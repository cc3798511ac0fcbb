// A momentum outside 0 to 99 percent.
// expect: Place<2>
// expect: BatchNorm<Momentum<120>>
// expect: error::momentum_is_outside_0_to_99_percent
// expect: Vector<16>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Dense<16>, BatchNorm<Momentum<12>>, Softmax<10>> {};
#else
struct Layers : Seq<Dense<16>, BatchNorm<Momentum<120>>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
