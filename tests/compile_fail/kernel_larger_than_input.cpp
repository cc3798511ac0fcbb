// A kernel larger than what is left of the image.
// expect: Place<2>
// expect: Conv<8, 5>
// expect: Conv<8, 5>::error::kernel_is_larger_than_its_input
// expect: Image<3, 3, 1>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<MaxPool<9>, Conv<8, 3>, Softmax<10>> {};
#else
struct Layers : Seq<MaxPool<9>, Conv<8, 5>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
