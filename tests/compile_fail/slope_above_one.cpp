// A slope that turns the rectifier around, as an option.
// expect: Place<1>
// expect: Dense<16, LeakyReLU<120>>
// expect: LeakyReLU<120>::error::slope_is_outside_0_to_99_percent
// expect: Vector<16>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Dense<16, LeakyReLU<12>>, Softmax<10>> {};
#else
struct Layers : Seq<Dense<16, LeakyReLU<120>>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
