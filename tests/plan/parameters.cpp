// Every tensor has a place of its own in the arena: trainable ones first, each on a line of 64 bytes.
#include <strata/layers.hpp>
#include <strata/plan/network.hpp>

#include <boost/test/unit_test.hpp>
#include <string_view>

using namespace strata;

namespace {

using Net = Network<Seq<BatchNorm<>, Conv<5, 3>, BatchNorm<>, MaxPool<2>, Dense<17>, Repeat<2, Dense<3, NoBias>>>,
                    Input<8, 8, 3>>;

// By hand: gamma and beta of 3; kernel 3 x 3 x 3 x 5 and bias; gamma and beta of 5; 45 x 17 and 17; 17 x 3; 3 x 3; then
// the running averages.
constexpr std::int64_t sizes[] = {3, 3, 3, 3, 135, 5, 5, 5, 5, 5, 765, 17, 51, 9};
constexpr std::int64_t offsets[] = {0, 16, 1104, 1120, 32, 176, 192, 208, 1136, 1152, 224, 992, 1024, 1088};

}  // namespace

BOOST_AUTO_TEST_SUITE(parameters)

BOOST_AUTO_TEST_CASE(places) {
  constexpr auto& plan = Net::parameters;
  BOOST_REQUIRE_EQUAL(plan.segments.size(), std::size(sizes));
  for (std::size_t i = 0; i < std::size(sizes); ++i) {
    BOOST_TEST(plan.segments[i].parameter.size() == sizes[i]);
    BOOST_TEST(plan.segments[i].offset == offsets[i], "tensor " << i << " at " << plan.segments[i].offset);
  }
  BOOST_TEST(plan.trainable_floats == 1104);
  BOOST_TEST(plan.floats == 1168);
  BOOST_TEST(Net::parameter_count == 12 + 140 + 20 + 782 + 51 + 9);
  BOOST_TEST(Net::trainable_count == Net::parameter_count - 6 - 10);
}

BOOST_AUTO_TEST_CASE(owners) {
  constexpr auto& plan = Net::parameters;
  const int operations[] = {0, 0, 0, 0, 1, 1, 2, 2, 2, 2, 4, 4, 5, 6};
  for (std::size_t i = 0; i < std::size(operations); ++i) BOOST_TEST(plan.segments[i].operation == operations[i]);
  const int first[] = {0, 4, 6, 10, 10, 12, 13, 14};
  for (std::size_t k = 0; k < std::size(first); ++k) BOOST_TEST(plan.first[k] == first[k]);
}

BOOST_AUTO_TEST_CASE(places_do_not_overlap) {
  constexpr auto& plan = Net::parameters;
  for (const Segment& a : plan.segments) {
    BOOST_TEST(a.offset % 16 == 0);
    BOOST_TEST(a.offset + a.parameter.size() <= (a.parameter.trainable ? plan.trainable_floats : plan.floats));
    BOOST_TEST((a.offset < plan.trainable_floats) == a.parameter.trainable);
    for (const Segment& b : plan.segments)
      BOOST_TEST((&a == &b || a.offset + a.parameter.size() <= b.offset || b.offset + b.parameter.size() <= a.offset));
  }
}

BOOST_AUTO_TEST_CASE(what_acts_on_which) {
  for (const Segment& s : Net::parameters.segments) {
    const std::string_view name = s.parameter.name;
    BOOST_TEST(s.parameter.decay == (name == "kernel"));
    BOOST_TEST(s.parameter.trainable == (name != "moving_mean" && name != "moving_variance"));
    BOOST_TEST(s.learning_rate_factor == 1);
  }
}

BOOST_AUTO_TEST_SUITE_END()
