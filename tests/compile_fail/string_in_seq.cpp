// A class of the standard library among the layers.
// expect: Place<1>
// expect: string
// expect: network_error::this_is_no_layer
// expect: Image<28, 28, 1>
#include <strata/strata.hpp>

#include <string>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Softmax<10>> {};
#else
struct Layers : Seq<std::string, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
