// How a written network becomes one flat list: nesting, repetition, layers that work as several, and where each stands.
#include <strata/plan/seq.hpp>

#include <array>
#include <boost/test/unit_test.hpp>
#include <type_traits>

using namespace strata;
using detail::leaves;
using detail::node;
using detail::type_list;

namespace {

struct A {};
struct B {};
struct C {};
struct Pair {  // written as one, works as two
  using expansion = Seq<A, B>;
};
struct Named : Seq<A, Seq<B, C>> {};

template <class Net, class... Expected>
constexpr bool flattens_to = std::is_same_v<leaves<Net>, type_list<Expected...>>;

static_assert(flattens_to<Seq<>>);
static_assert(flattens_to<A, A>);
static_assert(flattens_to<Seq<A, B, C>, A, B, C>);
static_assert(flattens_to<Seq<Seq<>, A, Seq<Seq<>, Seq<B>>>, A, B>);
static_assert(flattens_to<Named, A, B, C>);
static_assert(flattens_to<Seq<Named, A>, A, B, C, A>);
static_assert(flattens_to<Repeat<3, A>, A, A, A>);
static_assert(flattens_to<Seq<A, Repeat<2, Seq<B, C>>, A>, A, B, C, B, C, A>);
static_assert(flattens_to<Repeat<2, Seq<A, Repeat<2, B>>>, A, B, B, A, B, B>);
static_assert(flattens_to<Seq<Pair, C, Repeat<2, Pair>>, A, B, C, A, B, A, B>);
static_assert(flattens_to<Repeat<2, Seq<>>>);
static_assert(flattens_to<Seq<A, Repeat<0, B>>, A, Repeat<0, B>>);  // stays, so that it can be refused

// Layers as written: an expansion is one, repetitions count each time.
static_assert(node<Seq<Pair, C, Repeat<2, Pair>>>::layers == 4);
static_assert(node<Seq<Pair, C, Repeat<2, Pair>>>::layer_of == std::array{0, 0, 1, 2, 2, 3, 3});
static_assert(node<Repeat<2, Seq<A, Repeat<2, B>>>>::layers == 6);
static_assert(node<Repeat<2, Seq<A, Repeat<2, B>>>>::layer_of == std::array{0, 1, 2, 3, 4, 5});
static_assert(node<Seq<>>::size == 0 && node<Seq<>>::layers == 0);

// Where operation K stands, and the layer as it was written.
template <class Net, int K, class Layer, int... Path>
constexpr bool stands_at = std::is_same_v<typename node<Net>::template written<K>, type_list<Layer, Place<Path...>>>;

using Deep = Seq<A, Repeat<3, Seq<Pair, C>>, Seq<B, Seq<C>>>;
static_assert(stands_at<Deep, 0, A, 1>);
static_assert(stands_at<Deep, 1, Pair, 2, 1, 1>);
static_assert(stands_at<Deep, 2, Pair, 2, 1, 1>);
static_assert(stands_at<Deep, 3, C, 2, 1, 2>);
static_assert(stands_at<Deep, 9, C, 2, 3, 2>);
static_assert(stands_at<Deep, 10, B, 3, 1>);
static_assert(stands_at<Deep, 11, C, 3, 2, 1>);

}  // namespace

BOOST_AUTO_TEST_SUITE(seq)

BOOST_AUTO_TEST_CASE(long_chains_flatten) {  // the compiler has checked the rest
  using Long = Repeat<300, Seq<A, B, Repeat<2, C>>>;
  BOOST_TEST(node<Long>::size == 1200);
  BOOST_TEST(leaves<Long>::size == 1200);
  BOOST_TEST((std::is_same_v<detail::type_at<1199, leaves<Long>>, C>));
  BOOST_TEST((std::is_same_v<detail::type_at<1197, leaves<Long>>, B>));
}

BOOST_AUTO_TEST_SUITE_END()
