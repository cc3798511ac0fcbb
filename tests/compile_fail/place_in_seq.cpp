// A mistake in a nested Seq that has a name.
// expect: Place<2, 2>
// expect: Conv<8, 5, ReLU>
// expect: Conv<8, 5>::error::kernel_is_larger_than_its_input
// expect: Image<4, 4, 8>
#include <strata/strata.hpp>

using namespace strata;

template <int K>
struct Block : Seq<Conv<8, 4>, Conv<8, K, ReLU>> {};

#ifdef STRATA_TWIN
struct Layers : Seq<MaxPool<4>, Block<3>, Softmax<10>> {};
#else
struct Layers : Seq<MaxPool<4>, Block<5>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
