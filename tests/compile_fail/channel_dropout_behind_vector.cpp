// Channels of a vector.
// expect: Place<2>
// expect: ChannelDropout<50>
// expect: ChannelDropout<50>::error::image_expected_but_a_vector_is_given
// expect: Vector<16>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Conv<8, 3>, ChannelDropout<50>, Dense<16>, LogSoftmax<10>> {};
#else
struct Layers : Seq<Dense<16>, ChannelDropout<50>, LogSoftmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
