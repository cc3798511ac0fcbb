// An image layer behind a vector.
// expect: Place<2>
// expect: Conv<8, 3, ReLU>
// expect: Conv<8, 3>::error::image_expected_but_a_vector_is_given
// expect: Vector<64>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Conv<8, 3, ReLU>, Dense<64>, Softmax<10>> {};
#else
struct Layers : Seq<Dense<64>, Conv<8, 3, ReLU>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
