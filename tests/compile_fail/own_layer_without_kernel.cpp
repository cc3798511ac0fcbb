// A layer of the user that no kernel computes on the CPU.
// expect: Place<2>
// expect: Mix
// expect: layer_has_no_kernel
// expect: Cpu<
#include <strata/strata.hpp>

using namespace strata;

struct Mix : ProducerLayer {
  static constexpr const char* name = "mix";
  static constexpr Verdict output(Shape in) { return in; }
};

#ifdef STRATA_TWIN
struct Layers : Seq<Conv<8, 3>, Softmax<10>> {};
#else
struct Layers : Seq<Conv<8, 3>, Mix, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
