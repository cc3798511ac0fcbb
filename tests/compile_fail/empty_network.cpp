// No layer at all.
// expect: Place<>
// expect: Layers
// expect: network_error::is_empty
// expect: Image<28, 28, 1>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Softmax<10>> {};
#else
struct Layers : Seq<> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
