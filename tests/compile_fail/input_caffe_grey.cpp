// The preprocessing of color images for a grey one.
// expect: Place<0>
// expect: Caffe
// expect: error::preprocessing_is_for_three_channels
#include <strata/strata.hpp>

using namespace strata;

struct Layers : Seq<Dense<16>, Softmax<10>> {};
#ifdef STRATA_TWIN
using Net = Network<Layers, Input<28, 28, 3, Caffe>>;
#else
using Net = Network<Layers, Input<28, 28, 1, Caffe>>;
#endif

#include "program.hpp"
