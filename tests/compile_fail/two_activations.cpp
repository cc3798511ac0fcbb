// Two options that set the same thing.
// expect: Place<1>
// expect: Conv<8, 3, ReLU, LeakyReLU<8>>
// expect: OptionOf<LeakyReLU<8>>::error::is_given_twice
// expect: Image<28, 28, 1>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Conv<8, 3, LeakyReLU<8>>, Softmax<10>> {};
#else
struct Layers : Seq<Conv<8, 3, ReLU, LeakyReLU<8>>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
