// A pooling layer behind a vector.
// expect: Place<2>
// expect: MaxPool<2>
// expect: error::image_expected_but_a_vector_is_given
// expect: Vector<784>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<MaxPool<2>, Flatten, Softmax<10>> {};
#else
struct Layers : Seq<Flatten, MaxPool<2>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
