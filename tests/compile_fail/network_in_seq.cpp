// A whole network among the layers of another.
// expect: Place<2>
// expect: ValidNetwork<Base
// expect: network_error::this_is_no_layer
// expect: Image<26, 26, 8>
#include <strata/strata.hpp>

using namespace strata;

struct Base : Seq<Conv<8, 3>, MaxPool<2>> {};

#ifdef STRATA_TWIN
struct Layers : Seq<Conv<8, 3>, Base, Softmax<10>> {};
#else
struct Layers : Seq<Conv<8, 3>, Network<Base, Input<26, 26, 8>>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
