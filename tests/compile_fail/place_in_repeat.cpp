// The second layer of the fifth repetition of the third element.
// expect: Place<3, 5, 2>
// expect: MaxPool<2>
// expect: error::window_is_larger_than_its_input
// expect: Image<1, 1, 8>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Conv<8, 3, Same>, ReLU, Repeat<4, Seq<Dropout<20>, MaxPool<2>>>, Softmax<10>> {};
#else
struct Layers : Seq<Conv<8, 3, Same>, ReLU, Repeat<6, Seq<Dropout<20>, MaxPool<2>>>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
