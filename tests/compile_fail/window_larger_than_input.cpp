// A pooling window larger than its input.
// expect: Place<2>
// expect: MaxPool<40>
// expect: error::window_is_larger_than_its_input
// expect: Image<26, 26, 8>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Conv<8, 3>, MaxPool<4>, Softmax<10>> {};
#else
struct Layers : Seq<Conv<8, 3>, MaxPool<40>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
