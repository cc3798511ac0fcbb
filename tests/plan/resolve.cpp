// Shapes at every edge, or the first mistake, for layers that say no more than the plan asks.
#include <strata/layers/layer.hpp>
#include <strata/plan/resolve.hpp>

#include <boost/test/unit_test.hpp>

using namespace strata;

namespace {

struct Halve : LayerDefaults {  // both extents
  static constexpr const char* name = "halve";
  enum class error { none, wants_an_image, is_too_small };
  static constexpr Role role(Mode) { return Role::reduction; }
  static constexpr Verdict output(Shape in) {
    if (in.rank != 3) return error::wants_an_image;
    if (in.height < 2) return error::is_too_small;
    return Shape::image(in.height / 2, in.width / 2, in.channels);
  }
};

template <int N>
struct Widen : LayerDefaults {  // N times as many channels
  static constexpr const char* name = "widen";
  static constexpr Role role(Mode) { return Role::producer; }
  static constexpr Verdict output(Shape in) { return Shape::image(in.height, in.width, in.channels * N); }
};

struct NoLayer {};

template <class Net, Shape In>
constexpr auto resolution = detail::resolve<Net, In>::value;

constexpr Shape image = Shape::image(8, 12, 3);

constexpr auto good = resolution<Seq<Halve, Repeat<2, Seq<Widen<2>>>, Halve>, image>;
static_assert(good.failed == -1);
static_assert(good.shapes[0] == image && good.shapes[1] == Shape::image(4, 6, 3));
static_assert(good.shapes[3] == Shape::image(4, 6, 12) && good.shapes[4] == Shape::image(2, 3, 12));
static_assert(good.operations[2].inputs[0] == 2 && good.operations[2].output == 3 && good.operations[2].layer == 2);

// The first mistake is kept, with its owner.
constexpr auto too_small = resolution<Seq<Halve, Halve, Halve, Halve, NoLayer>, image>;
static_assert(too_small.failed == 3 && too_small.fault == detail::Fault::of_layer);
static_assert(too_small.reason == static_cast<int>(Halve::error::is_too_small));
static_assert(too_small.shapes[3] == Shape::image(1, 1, 3));
static_assert(resolution<Halve, Shape::vector(5)>.reason == static_cast<int>(Halve::error::wants_an_image));

constexpr auto no_layer = resolution<Seq<Halve, NoLayer, Halve>, image>;
static_assert(no_layer.failed == 1 && no_layer.fault == detail::Fault::of_network);
constexpr auto never_repeated = resolution<Seq<Halve, Repeat<0, Halve>>, image>;
static_assert(never_repeated.failed == 1 && never_repeated.fault == detail::Fault::of_network);
static_assert(never_repeated.reason == static_cast<int>(network_error::repeat_count_is_below_one));
constexpr auto too_large = resolution<Seq<Widen<10'000>, Widen<10'000>>, image>;
static_assert(too_large.failed == 1 && too_large.fault == detail::Fault::of_network);
constexpr auto nothing = resolution<Widen<0>, image>;
static_assert(nothing.failed == 0 && nothing.fault == detail::Fault::of_network);

}  // namespace

BOOST_AUTO_TEST_SUITE(resolve)

BOOST_AUTO_TEST_CASE(a_thousand_operations) {  // the compiler has checked the rest
  constexpr auto deep = resolution<Repeat<500, Seq<Widen<1>, Widen<1>>>, image>;
  BOOST_TEST(deep.failed == -1);
  BOOST_TEST((deep.shapes[1000] == image));
  BOOST_TEST(deep.operations[999].layer == 999);
}

BOOST_AUTO_TEST_SUITE_END()
