// A pooling window of no pixels.
// expect: Place<1>
// expect: MaxPool<0>
// expect: error::window_must_be_at_least_one_pixel
// expect: Image<28, 28, 1>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<MaxPool<1>, Softmax<10>> {};
#else
struct Layers : Seq<MaxPool<0>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
