// ChannelDropout on the CPU: the mask that its layout of random numbers says, in both directions, alone and fused; how
// often it drops, and that it drops whole channels.
#include <layers/channel_dropout/reference.hpp>
#include <layers/check_group.hpp>

using namespace strata;
using layer_test::check_group;

namespace {

/// What becomes of a batch of ones.
template <int Percent, class In>
std::vector<float> output_of_ones(int samples) {
  const auto group = layer_test::group_values<GroupSpec<Cpu<>, Mode::training, In, ChannelDropout<Percent>>>::make();
  layer_test::GroupRun run(group, samples, layer_test::pool_for(samples));
  reference::Tensor x = layer_test::batch_of(In::shape, samples);
  for (std::size_t i = 0; i < x.size(); ++i) x.set(i, 1);
  run.set_input(x);
  run.forward(true);
  return run.output();
}

template <int Percent>
void check_rate() {
  constexpr int pixels = 3, channels = 100, samples = 100;
  const std::vector<float> y = output_of_ones<Percent, Image<1, pixels, channels>>(samples);
  double dropped = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    BOOST_REQUIRE((y[i] == 0 || std::abs(y[i] - 100.0f / (100 - Percent)) < 1e-6f * y[i]));
    const std::size_t first = i / (pixels * channels) * pixels * channels + i % channels;  // its channel's first pixel
    BOOST_REQUIRE(y[i] == y[first]);
    dropped += i == first && y[i] == 0;
  }
  const double n = samples * channels, rate = Percent / 100.0;
  BOOST_TEST(std::abs(dropped - n * rate) < 4 * std::sqrt(n * rate * (1 - rate)));
  BOOST_TEST(!std::equal(y.begin(), y.begin() + channels, y.begin() + pixels * channels), "by sample");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(channel_dropout)

BOOST_AUTO_TEST_CASE(mask) {
  check_group<Image<1, 1, 1>, ChannelDropout<50>>({1, 5});
  check_group<Image<4, 5, 3>, ChannelDropout<50>>();
  check_group<Image<2, 3, 150>, ChannelDropout<20>, ChannelDropout<50>>();  // more than one evaluation of Philox holds
}

BOOST_AUTO_TEST_CASE(fused) {
  check_group<Image<7, 7, 3>, Conv<20, 3>, ChannelDropout<50>, MaxPool<2>, ReLU, Flatten>();  // as in R8
  check_group<Image<4, 4, 18>, Dropout<50>, AvgPool<2>, ChannelDropout<50>, Flatten>();
}

BOOST_AUTO_TEST_CASE(nothing_to_drop) {
  static_assert(ChannelDropout<0>::role(Mode::training) == Role::identity);
  static_assert(ChannelDropout<20>::role(Mode::inference) == Role::identity);
  layer_test::check_inference<Image<4, 5, 3>, ChannelDropout<20>>();
}

BOOST_AUTO_TEST_CASE(rate_and_whole_channels) {
  check_rate<20>();
  check_rate<50>();
}

BOOST_AUTO_TEST_SUITE_END()
