// Which operations become one group, by role alone.
#include <strata/layers/layer.hpp>
#include <strata/plan/fuse.hpp>

#include <boost/test/unit_test.hpp>
#include <string_view>

using namespace strata;

namespace {

template <Role R>
struct Of : LayerDefaults {
  static constexpr const char* name = "of a role";
  static constexpr Role role(Mode) { return R; }
  static constexpr Verdict output(Shape in) { return in; }
};

using Producer = Of<Role::producer>;
using Map = Of<Role::elementwise>;
using Pool = Of<Role::reduction>;
using Reshape = Of<Role::reshape>;
using Nothing = Of<Role::identity>;
using Normaliser = Of<Role::normaliser>;

struct InTraining : Map {  // as Dropout
  static constexpr Role role(Mode mode) { return mode == Mode::training ? Role::elementwise : Role::identity; }
};

struct InInference : Map {  // as BatchNorm
  static constexpr Role role(Mode mode) { return mode == Mode::training ? Role::producer : Role::elementwise; }
};

template <Mode M, class... Ops>
struct Fusion {
  static constexpr int size = static_cast<int>(sizeof...(Ops));
  static constexpr auto resolution = detail::resolve<Seq<Ops...>, Shape::image(4, 4, 4)>::value;
  static constexpr auto all = detail::fuse<size>(resolution.operations, size, M, [](Role, Role) { return true; });
  static constexpr auto none = detail::fuse<size>(resolution.operations, size, M, [](Role, Role) { return false; });
};

// Groups as people draw them: "PeR|P" is a producer, an elementwise layer and a reduction, then a producer.
template <int N>
constexpr bool is(const detail::Grouping<N>& grouping, std::string_view drawn) {
  int g = 0, first = 0, value = 0;
  for (std::size_t i = 0; i <= drawn.size(); ++i) {
    if (i < drawn.size() && drawn[i] != '|') continue;
    const std::size_t begin =
        drawn.substr(0, i).rfind('|') == std::string_view::npos ? 0 : drawn.substr(0, i).rfind('|') + 1;
    const std::string_view ops = drawn.substr(begin, i - begin);
    if (g >= grouping.count) return false;
    const FusedGroup& group = grouping.groups[static_cast<std::size_t>(g++)];
    const std::size_t producer = ops.find_first_of("PN"), reduction = ops.find('R');
    const int count = static_cast<int>(ops.size());
    const bool good = group.first == first && group.count == count && group.input == value &&
                      group.output == value + count &&
                      group.producer == (producer == ops.npos ? -1 : first + static_cast<int>(producer)) &&
                      group.reduction == (reduction == ops.npos ? -1 : first + static_cast<int>(reduction));
    if (!good) return false;
    first += count;
    value += count;
  }
  return g == grouping.count;
}

template <class... Ops>
constexpr auto training = Fusion<Mode::training, Ops...>::all;
template <class... Ops>
constexpr auto inference = Fusion<Mode::inference, Ops...>::all;
template <class... Ops>
constexpr auto apart = Fusion<Mode::training, Ops...>::none;

// What rides on a producer.
static_assert(is(training<Producer>, "P"));
static_assert(is(training<Producer, Map, Pool, Map, Producer>, "PeRe|P"));
static_assert(is(training<Producer, Pool, Map, Map, Producer, Map>, "PRee|Pe"));
static_assert(is(training<Producer, Map, Pool, Map, Pool, Map>, "PeRe|Re"));  // one reduction in a group
static_assert(is(training<Producer, Pool, Pool, Producer>, "PR|R|P"));
static_assert(is(training<Producer, Producer, Producer>, "P|P|P"));

// Groups that begin with the input.
static_assert(is(training<Map, Pool, Map, Producer>, "eRe|P"));
static_assert(is(training<Pool, Pool>, "R|R"));

// What costs nothing stays where it is, and does not part what follows from what it opened.
static_assert(is(training<Producer, Reshape, Map, Producer>, "Pxe|P"));
static_assert(is(training<Reshape, Producer, Map>, "xPe"));
static_assert(is(training<Nothing, Reshape, Map, Pool>, "xxeR"));
static_assert(is(training<Producer, Pool, Reshape, Producer>, "PRx|P"));
static_assert(is(training<Reshape>, "x"));

// A normaliser is a group of its own.
static_assert(is(training<Producer, Normaliser, Map, Producer>, "P|N|e|P"));
static_assert(is(training<Producer, Map, Normaliser, Reshape>, "Pe|Nx"));
static_assert(is(training<Map, Normaliser>, "e|N"));

// Roles depend on the mode.
static_assert(is(training<Producer, InTraining, InInference, Map>, "Pe|Pe"));
static_assert(is(inference<Producer, InTraining, InInference, Map>, "Pxee"));
static_assert(is(inference<InInference, Producer, InInference>, "e|Pe"));

// A backend that fuses nothing.
static_assert(is(apart<Producer, Map, Pool, Reshape, Map, Producer>, "P|e|Rx|e|P"));

}  // namespace

BOOST_AUTO_TEST_SUITE(fuse)

BOOST_AUTO_TEST_CASE(a_drawing_that_is_wrong_is_refused) {  // the compiler has checked the rest
  const auto groups = training<Producer, Map, Producer>;
  BOOST_TEST(is(groups, "Pe|P"));
  BOOST_TEST(!is(groups, "PeP"));
  BOOST_TEST(!is(groups, "P|e|P"));
  BOOST_TEST(!is(groups, "Pe"));
  BOOST_TEST(!is(groups, "PR|P"));
}

BOOST_AUTO_TEST_SUITE_END()
