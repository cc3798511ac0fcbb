// A pooling window that is not square and whose stride nobody tells.
// expect: Place<1>
// expect: AvgPool<
// expect: error::window_is_not_square_and_no_stride_is_given
// expect: Image<28, 28, 1>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<AvgPool<kernel<2, 3>, Stride<2>>, Softmax<10>> {};
#else
struct Layers : Seq<AvgPool<kernel<2, 3>>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
