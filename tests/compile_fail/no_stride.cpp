// A convolution that never moves on.
// expect: Place<1>
// expect: Conv<8, 3, Stride<0>>
// expect: error::stride_must_be_at_least_one
// expect: Image<28, 28, 1>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Conv<8, 3, Stride<1>>, Softmax<10>> {};
#else
struct Layers : Seq<Conv<8, 3, Stride<0>>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
