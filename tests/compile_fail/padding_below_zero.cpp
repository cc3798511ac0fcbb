// A pooling that is to look away from the border.
// expect: Place<2>
// expect: MaxPool<2, Pad<-1>>
// expect: OptionOf<Pad<-1>>::error::has_numbers_below_zero
// expect: Image<26, 26, 8>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Conv<8, 3, GELU>, MaxPool<2, Pad<1>>, Dense<16, Tanh>, Softmax<10>> {};
#else
struct Layers : Seq<Conv<8, 3, GELU>, MaxPool<2, Pad<-1>>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
