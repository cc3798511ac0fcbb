// Two strides.
// expect: Place<1>
// expect: MaxPool<2, Stride<2>, Stride<3>>
// expect: OptionOf<Stride<3>>::error::is_given_twice
// expect: Image<28, 28, 1>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<MaxPool<2, Stride<3>>, Softmax<10>> {};
#else
struct Layers : Seq<MaxPool<2, Stride<2>, Stride<3>>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
