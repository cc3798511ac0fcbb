// A convolution of nothing but padding.
// expect: Place<1>
// expect: Conv<8, 3, Pad<3, 1>>
// expect: error::padding_must_be_smaller_than_the_kernel
// expect: Image<28, 28, 1>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Conv<8, 3, Pad<2, 1>>, GlobalAvgPool, Dense<10, LogSoftmax<>>> {};
#else
struct Layers : Seq<Conv<8, 3, Pad<3, 1>>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
