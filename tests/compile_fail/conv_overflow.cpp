// A convolution with more weights than an index can tell apart.
// expect: Place<1>
// expect: Conv<2000000000, 28>
// expect: error::kernel_has_more_than_2147483647_elements
// expect: Image<28, 28, 1>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Conv<20, 28>, Softmax<10>> {};
#else
struct Layers : Seq<Conv<2'000'000'000, 28>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
