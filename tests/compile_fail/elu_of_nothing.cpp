// An exponential unit without its exponential, as an option.
// expect: Place<1>
// expect: Dense<16, ELU<0>>
// expect: ELU<0>::error::alpha_is_outside_1_to_1000_percent
// expect: Vector<16>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Dense<16, ELU<1>>, Softmax<10>> {};
#else
struct Layers : Seq<Dense<16, ELU<0>>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
