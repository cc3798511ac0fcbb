// The network is first used by its user's assertion, which holds.
// expect: Place<1>
// expect: Conv<8, 33>
// expect: error::kernel_is_larger_than_its_input
// expect: Image<28, 28, 1>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Conv<8, 3>, Softmax<10>> {};
#else
struct Layers : Seq<Conv<8, 33>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;
static_assert(Net::training_bytes(128, Adam{}) < 64'000'000);

#include "program.hpp"
