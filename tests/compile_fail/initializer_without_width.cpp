// An initialiser of no width.
// expect: Place<1>
// expect: Dense<16, Uniform<0, 20>>
// expect: OptionOf<Uniform<0, 20>>::error::has_numbers_below_one
// expect: Image<28, 28, 1>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Dense<16, Uniform<1, 20>>, Softmax<10>> {};
#else
struct Layers : Seq<Dense<16, Uniform<0, 20>>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
