// Frozen blocks and networks made of others: parameters, groups and memory, as types.
#include <strata/plan/transfer.hpp>

#include "reference_models.hpp"

#include <boost/test/unit_test.hpp>

#include <type_traits>

using namespace reference;

namespace {

// The head of ten classes gives way to one of three, behind a front that stays.
using Three = ReplaceHead<R8, Dense<3>, LogSoftmax<>>;
static_assert(std::is_same_v<Three::input, R8::input> && Three::output == Shape::vector(3));
static_assert(Three::parameter_count == 21'483 && Three::trainable_count == 21'483);
using R9 = Freeze<Three, 9>;
static_assert(R9::parameter_count == 21'483 && R9::trainable_count == 153);
static_assert(R9::parameter_count_at<8> == 16'050 && R9::parameter_count_at<9> == 153);
static_assert(R9::training_flops == R9::flops + 2 * 50 * 3);

// Nothing is kept for a backward pass of what is frozen: neither gradients, nor moments, nor a pooling's places.
static_assert(R9::parameters.trainable_floats < 200);
static_assert(R9::training_bytes(64, Adam{}) < Three::training_bytes(64, Adam{}) / 2);
template <class Net>
using Training = Plan<Net, Mode::training, Cpu<>, LossOnLogits>;
static_assert(Training<R9>::memory.first_backward == Training<R9>::groups - 1);
static_assert(Training<Three>::memory.first_backward == 0);
static_assert(Training<R9>::mode_of(0) == Mode::inference && Training<R9>::mode_of(3) == Mode::training);

// R13's base, frozen as one element.
using R13Frozen = Freeze<R13, 1>;
static_assert(R13Frozen::parameter_count == 23'106'122 && R13Frozen::trainable_count == 8'391'434);
static_assert(R13::training_bytes(1, Adam{}) - R13Frozen::training_bytes(1, Adam{}) > 3 * 4 * 14'714'688);

using Features = FeatureExtractor<R8, 8>;
static_assert(Features::output == Shape::vector(320) && Features::parameter_count == 260 + 5'020);

struct Front : Seq<Conv<4, 3>, BatchNorm<>, ReLU> {};
struct Back : Seq<Flatten, Dense<10>> {};
using Blocks = Network<Seq<Front, Back, Softmax<>>, Input<8, 8, 1>>;
static_assert(FreezeUntil<Blocks, Front>::trainable_count == Blocks::parameter_count_at<4>);
static_assert(std::is_same_v<FreezeUntil<Blocks, Back>, Freeze<Blocks, 2>>);
// Training writes no running average of a frozen batch normalisation, so no copy of it is kept.
static_assert(FreezeUntil<Blocks, Front>::parameters.state_bytes() == 0 && Blocks::parameters.state_bytes() > 0);

// Rates multiply, and their parts of the arena lie together.
using Rates =
    Network<Seq<LearningRate<50, Seq<Dense<4>, LearningRate<20, Dense<4>>, Dense<4>>>, Softmax<10>>, Input<5>>;
static_assert(Rates::parameters.rate_count == 3);
static_assert(Rates::parameters.rates[0].factor == 0.5f && Rates::parameters.rates[2].factor == 1.0f);
static_assert(Rates::parameters.rates[0].end == Rates::parameters.rates[1].begin);
static_assert(Rates::parameters.rates[2].end == Rates::parameters.trainable_floats);
static_assert(Rates::parameters.segments[2].learning_rate_factor < 0.1001f);

}  // namespace

BOOST_AUTO_TEST_SUITE(plan_transfer)

BOOST_AUTO_TEST_CASE(weights_fit_whether_frozen_or_not) {
  BOOST_TEST(fingerprint<Blocks>() == (fingerprint<Freeze<Blocks, 1>>()));
  BOOST_TEST(tensor_names(view_of<Blocks>()) == tensor_names(view_of<Freeze<Blocks, 1>>()),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
