// A kernel that is not square and too wide.
// expect: Place<1>
// expect: {3, 40}
// expect: error::kernel_is_larger_than_its_input
// expect: Image<28, 28, 1>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Conv<8, kernel<3, 4>>, Softmax<10>> {};
#else
struct Layers : Seq<Conv<8, kernel<3, 40>>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
