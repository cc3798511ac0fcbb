// A convolution without filters.
// expect: Place<1>
// expect: Conv<0, 3>
// expect: error::filters_must_be_at_least_one
// expect: Image<28, 28, 1>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Conv<1, 3>, Softmax<10>> {};
#else
struct Layers : Seq<Conv<0, 3>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
