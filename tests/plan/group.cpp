// What a group keeps for backward: no more than its operations ask for.
#include <strata/layers.hpp>
#include <strata/plan/group.hpp>

#include <boost/test/unit_test.hpp>

using namespace strata;

namespace {

struct WantsInput : ElementwiseLayer {
  static constexpr Saves saves = Saves::input;
};
struct WantsNothing : ElementwiseLayer {};

template <class... Ops>
using Training = GroupSpec<Cpu<>, Mode::training, Image<8, 8, 2>, Ops...>;

// The values that a group stores, as bits.
template <class G>
constexpr unsigned stored = [] {
  unsigned bits = 0;
  for (int v = 0; v <= G::size; ++v) bits |= static_cast<unsigned>(G::stores(v)) << v;
  return bits;
}();

using R1 = Training<Conv<4, 3>, ReLU, MaxPool<2>, Flatten>;
static_assert(R1::producer == 0 && R1::reduction == 2 && R1::before == 1 && R1::after == 3);
static_assert(R1::produced == Shape::image(6, 6, 4) && R1::reduced == Shape::image(3, 3, 4));
static_assert(R1::output == Shape::vector(36));
static_assert(stored<R1> == 0 && R1::backward_at_reduced);  // the pooled values are the output
static_assert(R1::reads_input && R1::reads_output);

using R5 = Training<Conv<4, 3>, LeakyReLU<8>, MaxPool<2>, Dropout<20>>;
static_assert(stored<R5> == 1u << 3 && R5::backward_at_reduced);  // pooled values, which dropout changes
static_assert(R5::reads_input && !R5::reads_output);

using R8 = Training<Conv<4, 3>, Dropout<50>, MaxPool<2>, ReLU>;
static_assert(stored<R8> == 0 && !R8::backward_at_reduced);
static_assert(R8::reads_output);

using R12 = Training<Conv<4, 3>, MaxPool<2>>;
static_assert(stored<R12> == 0 && !R12::reads_output && R12::reads_input);

// An average mixes, so the values before it are kept.
static_assert(stored<Training<Conv<4, 3>, ReLU, AvgPool<2>>> == 1u << 2);
// Of two layers before a maximum the first asks for a value that was not selected.
static_assert(stored<Training<Conv<4, 3>, ReLU, LeakyReLU<8>, MaxPool<2>>> == (1u << 2 | 1u << 3));
static_assert(stored<Training<Conv<4, 3>, WantsInput, MaxPool<2>>> == 1u << 1);
static_assert(stored<Training<Conv<4, 3>, WantsNothing, MaxPool<2>>> == 0);
static_assert(Training<Conv<4, 3>, WantsNothing, MaxPool<2>>::backward_at_reduced);

// What costs nothing passes on whose bytes they are.
static_assert(stored<Training<Conv<4, 3>, ReLU, Flatten>> == 0 && Training<Conv<4, 3>, ReLU, Flatten>::reads_output);
static_assert(stored<Training<Conv<4, 3>, Flatten, WantsInput>> == 1u << 1);

// A group without a producer.
using Headless = Training<WantsInput, ReLU>;
static_assert(Headless::producer == -1 && Headless::before == 0 && stored<Headless> == 0);
static_assert(Headless::reads_input && Headless::reads_output);
static_assert(!Training<WantsNothing>::reads_input && !Training<Dropout<20>>::reads_output);

// Inference keeps nothing.
using Inference = GroupSpec<Cpu<>, Mode::inference, Image<8, 8, 2>, Conv<4, 3>, BatchNorm<>, ReLU, AvgPool<2>>;
static_assert(stored<Inference> == 0);
static_assert(Inference::first_tensor(0) == 0 && Inference::first_tensor(1) == 2 && Inference::first_tensor(2) == 6);

}  // namespace

BOOST_AUTO_TEST_SUITE(group)

BOOST_AUTO_TEST_CASE(stored_values) {  // the compiler has checked the rest
  BOOST_TEST(R5::stored_for(1) == 3);
  BOOST_TEST(R5::stored_for(0) == 0);
  BOOST_TEST(R5::stored_for(3) == -1);
}

BOOST_AUTO_TEST_SUITE_END()
