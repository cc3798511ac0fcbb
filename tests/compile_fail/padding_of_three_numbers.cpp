// Padding that leaves one side open.
// expect: Place<1>
// expect: Conv<8, 3, Pad<1, 1, 2>>
// expect: OptionOf<Pad<1, 1, 2>>::error::takes_one_two_or_four_numbers
// expect: Image<28, 28, 1>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Conv<8, 3, Pad<1, 1, 2, 0>, SiLU>, Conv<4, 3, ELU<>>, Softmax<10>> {};
#else
struct Layers : Seq<Conv<8, 3, Pad<1, 1, 2>>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
