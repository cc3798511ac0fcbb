// A layer that is no activation as an option.
// expect: Place<1>
// expect: Conv<8, 3, Dropout<20>>
// expect: OptionOf<Dropout<20>>::error::does_not_belong_to_this_layer
// expect: Image<28, 28, 1>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Conv<8, 3>, Dropout<20>, Softmax<10>> {};
#else
struct Layers : Seq<Conv<8, 3, Dropout<20>>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
