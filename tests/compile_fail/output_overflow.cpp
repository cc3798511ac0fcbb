// A layer whose output for one sample is too large, though its weights are not.
// expect: Place<1>
// expect: Conv<4000000, 1>
// expect: network_error::output_has_more_than_2147483647_elements
// expect: Image<28, 28, 1>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Conv<4, 1>, Softmax<10>> {};
#else
struct Layers : Seq<Conv<4'000'000, 1>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
