// The bare softmax behind an image.
// expect: Place<2>
// expect: Softmax<>
// expect: Softmax<>::error::vector_expected_but_an_image_is_given
// expect: Image<1, 1, 10>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Conv<10, 28>, Flatten, Softmax<>> {};
#else
struct Layers : Seq<Conv<10, 28>, Softmax<>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
