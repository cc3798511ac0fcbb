// A number's type among the layers.
// expect: Place<2>
// expect: int
// expect: network_error::this_is_no_layer
// expect: Image<26, 26, 8>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Conv<8, 3>, Softmax<10>> {};
#else
struct Layers : Seq<Conv<8, 3>, int, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
