// A layer of the user whose shape rule answers with nothing.
// expect: Place<2>
// expect: Half
// expect: network_error::output_has_an_extent_below_one
// expect: Image<1, 1, 8>
#include <strata/strata.hpp>

using namespace strata;

struct Half : ElementwiseLayer {
  static constexpr const char* name = "half";
  static constexpr Verdict output(Shape in) { return Shape::image(in.height / 2, in.width / 2, in.channels); }
};

#ifdef STRATA_TWIN
struct Layers : Seq<Conv<8, 28>, Softmax<10>> {};
#else
struct Layers : Seq<Conv<8, 28>, Half, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
