// A kernel of negative size.
// expect: Place<1>
// expect: Conv<8, -3>
// expect: error::kernel_must_be_at_least_one_pixel
// expect: Image<28, 28, 1>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Conv<8, 3>, Softmax<10>> {};
#else
struct Layers : Seq<Conv<8, -3>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
