// The average of the pixels of a vector.
// expect: Place<2>
// expect: GlobalAvgPool
// expect: GlobalPoolingLayer::error::image_expected_but_a_vector_is_given
// expect: Vector<16>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Conv<16, 3, Sigmoid>, GlobalMaxPool, Flatten, Softmax<10>> {};
#else
struct Layers : Seq<Dense<16>, GlobalAvgPool, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
