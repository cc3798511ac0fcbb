// A class that is no layer among the layers.
// expect: Place<1>
// expect: Sharpen
// expect: network_error::this_is_no_layer
// expect: Image<28, 28, 1>
#include <strata/strata.hpp>

using namespace strata;

struct Sharpen {
  static constexpr const char* name = "sharpen";
};

#ifdef STRATA_TWIN
struct Layers : Seq<ReLU, Softmax<10>> {};
#else
struct Layers : Seq<Sharpen, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
