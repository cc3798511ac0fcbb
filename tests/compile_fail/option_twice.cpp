// The same option twice.
// expect: Place<1>
// expect: Conv<8, 3, Same, Same>
// expect: OptionOf<Same>::error::is_given_twice
// expect: Image<28, 28, 1>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Conv<8, 3, Same>, Softmax<10>> {};
#else
struct Layers : Seq<Conv<8, 3, Same, Same>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
