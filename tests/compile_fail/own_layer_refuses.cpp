// A layer of the user with a reason of its own.
// expect: Place<1>
// expect: Cap<0>
// expect: Cap<0>::error::cap_must_be_positive
// expect: Image<28, 28, 1>
#include <strata/strata.hpp>

using namespace strata;

template <int Most>
struct Cap : ElementwiseLayer {
  static constexpr const char* name = "cap";
  static constexpr Saves saves = Saves::output;
  enum class error { none, cap_must_be_positive };

  static constexpr Verdict output(Shape in) {
    if (Most <= 0) return error::cap_must_be_positive;
    return in;
  }
  template <class T>
  STRATA_HD static T forward(T x) {
    return minimum(x, T{} + Most);
  }
  template <class T>
  STRATA_HD static T backward(T dy, T y) {
    return select(y < T{} + Most, dy, T{});
  }
};

#ifdef STRATA_TWIN
struct Layers : Seq<Cap<6>, Softmax<10>> {};
#else
struct Layers : Seq<Cap<0>, Softmax<10>> {};
#endif
using Net = Network<Layers, Input<28, 28, 1>>;

#include "program.hpp"
