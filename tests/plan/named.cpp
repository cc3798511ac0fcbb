// Blocks with names, and VGG-16, whose layers bear them.
#include <strata/cpu/backend.hpp>
#include <strata/plan/transfer.hpp>
#include <strata/plan/view.hpp>
#include <strata/train/optimizer/adam.hpp>
#include <strata/zoo/vgg16.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <type_traits>
#include <vector>

using namespace strata;

namespace {

using Base = Network<zoo::Vgg16Base, Input<256, 256, 3, Torch>>;
static_assert(Base::parameter_count == 14'714'688 && Base::trainable_count == 14'714'688);
static_assert(Base::output == Shape::image(8, 8, 512));
using Normalised = Network<zoo::Vgg16BaseBatchNorm, Input<32, 32, 3, Torch>>;
static_assert(Normalised::parameter_count == 14'714'688 + 3 * 4'224 && Normalised::output == Shape::image(1, 1, 512));
static_assert(Normalised::parameter_count - Normalised::trainable_count == 2 * 4'224);
static_assert(zoo::Vgg16<>::parameter_count == 138'357'544);

// R13: another head on the frozen base.
struct Head : Seq<Frozen<zoo::Vgg16Base>, Flatten, Dense<256, ReLU>, Dense<10>, Softmax<>> {};
using R13 = Network<Head, Base::input>;
static_assert(R13::parameter_count == 23'106'122 && R13::trainable_count == 8'391'434);

// A name changes nothing but names.
struct Plain : Seq<Conv<4, 3>, ReLU, Conv<4, 3>, Flatten, Dense<5>, Softmax<>> {};
struct Told : Seq<Named<"stem", Seq<Conv<4, 3>, ReLU, Named<"inner", Conv<4, 3>>>>, Flatten, Dense<5>, Softmax<>> {};
using In = Input<8, 8, 1>;
static_assert(Network<Plain, In>::parameters.floats == Network<Told, In>::parameters.floats);
static_assert(Network<Plain, In>::training_bytes(4, Adam{}) == Network<Told, In>::training_bytes(4, Adam{}));

std::vector<std::string> layers(const NetworkView& net) { return operation_names(net); }

}  // namespace

BOOST_AUTO_TEST_SUITE(plan_named)

BOOST_AUTO_TEST_CASE(layers_bear_the_name_of_their_block) {
  const std::vector<std::string> expected{"stem_conv1", "stem_relu1", "inner_conv1",
                                          "flatten_1",  "dense_1",    "softmax_1"};
  BOOST_TEST(layers(view_of<Network<Told, In>>()) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(names_are_unique_where_a_named_block_is_repeated) {
  struct Twice : Seq<Repeat<2, Named<"unit", Seq<Dense<5>, ReLU>>>, Dense<5>> {};
  const std::vector<std::string> expected{"unit_dense1", "unit_relu1", "unit_dense2", "unit_relu2", "dense_1"};
  BOOST_TEST(layers(view_of<Network<Twice, Input<5>>>()) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(vgg_16) {
  const std::vector<std::string> names = tensor_names(view_of<Base>());
  BOOST_TEST(names.size() == 26u);
  BOOST_TEST(names.front() == "block1_conv1/kernel");
  BOOST_TEST(names[12] == "block3_conv3/kernel");
  BOOST_TEST(names.back() == "block5_conv3/bias");
}

BOOST_AUTO_TEST_SUITE_END()
