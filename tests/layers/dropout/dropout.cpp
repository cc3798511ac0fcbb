// Dropout: the mask that its layout of random numbers says, in both directions, and how often it drops.
#include <layers/check_group.hpp>

using namespace strata;
using layer_test::check_group;

namespace {

// How many of the ones in `samples` samples survive in one step.
template <class Layer, int Size>
std::vector<float> output(int samples, std::uint32_t step, std::uint32_t place, std::uint64_t seed) {
  using Group = GroupSpec<Cpu<>, Mode::training, Vector<Size>, Layer>;
  static_assert(Size % 16 == 0);
  const auto floats = static_cast<std::size_t>(samples) * Size;
  layer_test::Guarded in(floats * 4), out(floats * 4);
  std::fill_n(in.floats(), floats, 1.0f);
  const std::int64_t saved[] = {-1, -1};
  cpu::GroupArgs args;
  args.pool = &layer_test::pool_for(1);
  args.batch = samples;
  args.input = in.floats();
  args.output = out.floats();
  args.saved = saved;
  args.step = step;
  args.layer = place;
  args.key = philox::Key(seed);
  cpu::kernel_of<Group>::type::template forward<Group>(args);
  return {out.floats(), out.floats() + floats};
}

template <int Percent>
void check_rate() {
  const std::vector<float> y = output<Dropout<Percent>, 1024>(64, 3, 2, 1);
  double dropped = 0;
  for (const float v : y) {
    BOOST_REQUIRE((v == 0 || std::abs(v - 100.0f / (100 - Percent)) < 1e-6f * v));
    dropped += v == 0;
  }
  const double n = static_cast<double>(y.size()), rate = Percent / 100.0;
  BOOST_TEST(std::abs(dropped - n * rate) < 4 * std::sqrt(n * rate * (1 - rate)));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dropout)

BOOST_AUTO_TEST_CASE(mask) {
  check_group<Image<1, 1, 1>, Dropout<50>>({1, 5});
  check_group<Image<4, 5, 3>, Dropout<50>>();
  check_group<Image<4, 5, 17>, Dropout<20>>();
  check_group<Image<4, 5, 33>, Dropout<99>>();
  check_group<Vector<100>, Dropout<1>>();
  check_group<Vector<150>, Dropout<50>>();  // further than one evaluation of Philox for all lanes
}

BOOST_AUTO_TEST_CASE(two_in_one_group) {  // each with a mask of its own
  check_group<Vector<100>, Dropout<50>, Dropout<50>>();
  check_group<Image<4, 4, 18>, Dropout<50>, AvgPool<2>, Dropout<50>>();
}

BOOST_AUTO_TEST_CASE(nothing_to_drop) {
  static_assert(Dropout<0>::role(Mode::training) == Role::identity);
  static_assert(Dropout<20>::role(Mode::inference) == Role::identity);
  layer_test::check_inference<Image<4, 5, 3>, Dropout<20>>();
}

BOOST_AUTO_TEST_CASE(rate) {
  check_rate<1>();
  check_rate<20>();
  check_rate<50>();
  check_rate<99>();
}

BOOST_AUTO_TEST_CASE(mask_differs_by_everything) {
  const auto first = output<Dropout<50>, 64>(2, 3, 2, 1);
  BOOST_TEST((first == output<Dropout<50>, 64>(2, 3, 2, 1)));
  BOOST_TEST((first != output<Dropout<50>, 64>(2, 4, 2, 1)), "by step");
  BOOST_TEST((first != output<Dropout<50>, 64>(2, 3, 1, 1)), "by layer");
  BOOST_TEST((first != output<Dropout<50>, 64>(2, 3, 2, 0x100000001)), "by seed");
  BOOST_TEST(!std::equal(first.begin(), first.begin() + 64, first.begin() + 64), "by sample");
}

BOOST_AUTO_TEST_SUITE_END()
