// A block whose name would be taken apart in the names of its tensors.
// expect: Place<1>
// expect: network_error::name_is_not_letters_digits_underscores
// expect: Image<28, 28, 1>
#include <strata/strata.hpp>

using namespace strata;

#ifdef STRATA_TWIN
struct Layers : Seq<Named<"block1", Dense<32>>, Softmax<10>> {};
#else
struct Layers : Seq<Named<"block/1", Dense<32>>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
