// A learning rate of less than nothing.
// expect: Place<1>
// expect: LearningRate<-10
// expect: network_error::learning_rate_is_below_zero
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<LearningRate<10, Dense<16>>, Softmax<10>> {};
#else
struct Layers : Seq<LearningRate<-10, Dense<16>>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
