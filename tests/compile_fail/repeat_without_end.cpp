// More layers than any network has.
// expect: Place<>
// expect: Layers
// expect: network_error::has_more_than_2048_operations
// expect: Image<28, 28, 1>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Dense<16>, Repeat<10, Dense<16>>, Softmax<10>> {};
#else
struct Layers : Seq<Dense<16>, Repeat<100'000, Dense<16>>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
