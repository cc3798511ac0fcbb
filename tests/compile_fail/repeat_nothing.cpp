// A block that is repeated no time.
// expect: Place<2>
// expect: Repeat<0, Seq<Conv<8, 3>, ReLU>>
// expect: network_error::repeat_count_is_below_one
// expect: Image<26, 26, 8>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Conv<8, 3>, Repeat<2, Seq<Conv<8, 3>, ReLU>>, Softmax<10>> {};
#else
struct Layers : Seq<Conv<8, 3>, Repeat<0, Seq<Conv<8, 3>, ReLU>>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
