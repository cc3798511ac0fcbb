// First values: bounds, moments and known answers of each initialiser.
#include <strata/model/initialize.hpp>

#include "reference_models.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

using namespace strata;

namespace {

struct Moments {
  double mean = 0, deviation = 0, low = 0, high = 0;
};

Moments moments(std::span<const float> values) {
  Moments m;
  m.low = m.high = static_cast<double>(values[0]);
  const auto n = static_cast<double>(values.size());
  for (const float v : values) {
    m.mean += static_cast<double>(v) / n;
    m.low = std::min(m.low, static_cast<double>(v));
    m.high = std::max(m.high, static_cast<double>(v));
  }
  for (const float v : values) m.deviation += (static_cast<double>(v) - m.mean) * (static_cast<double>(v) - m.mean) / n;
  m.deviation = std::sqrt(m.deviation);
  return m;
}

constexpr int in = 300, out = 400;

/// The kernel of a dense layer of 300 inputs and 400 units.
template <class... Options>
std::vector<float> kernel_of(std::uint64_t s = 42) {
  struct Layers : Seq<Dense<out, Options...>> {};
  Model<Network<Layers, Input<in>>> model{seed(s), threads(1)};
  for (const float b : model.tensor("dense_1/bias")) BOOST_REQUIRE(b == 0);
  const std::span<float> kernel = model.tensor("dense_1/kernel");
  return {kernel.begin(), kernel.end()};
}

/// Checks a sample of a uniform distribution over (-limit, limit).
void check_uniform(const std::vector<float>& values, double limit) {
  const Moments m = moments(values);
  const double n = static_cast<double>(values.size()), deviation = limit / std::sqrt(3.0);
  BOOST_TEST(m.low >= -limit * (1 + 1e-7));
  BOOST_TEST(m.high <= limit * (1 + 1e-7));
  BOOST_TEST(m.low < -limit * (1 - 20 / n));  // the ends are reached
  BOOST_TEST(m.high > limit * (1 - 20 / n));
  BOOST_TEST(std::abs(m.mean) < 5 * deviation / std::sqrt(n));
  BOOST_TEST(std::abs(m.deviation / deviation - 1) < 5 / std::sqrt(n));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(model_initialize)

BOOST_AUTO_TEST_CASE(uniform_initialisers_keep_their_limits) {
  check_uniform(kernel_of<>(), std::sqrt(6.0 / (in + out)));
  check_uniform(kernel_of<GlorotUniform>(), std::sqrt(6.0 / (in + out)));
  check_uniform(kernel_of<HeUniform>(), std::sqrt(6.0 / in));
  check_uniform(kernel_of<Uniform<1, 20>>(), 0.05);
}

BOOST_AUTO_TEST_CASE(he_normal_is_truncated_at_two_deviations_and_has_the_one_asked_for) {
  const std::vector<float> values = kernel_of<HeNormal>();
  const Moments m = moments(values);
  const double asked = std::sqrt(2.0 / in), full = asked / 0.87962566103423978;
  const double n = static_cast<double>(values.size());
  BOOST_TEST(std::abs(m.mean) < 5 * asked / std::sqrt(n));
  BOOST_TEST(std::abs(m.deviation / asked - 1) < 5 / std::sqrt(n));
  BOOST_TEST(m.high <= 2 * full * (1 + 1e-7));
  BOOST_TEST(m.low >= -2 * full * (1 + 1e-7));
  BOOST_TEST(m.high > 1.99 * full);
  // Of a normal distribution cut at 2, erf(1 / sqrt 2) / erf(2 / sqrt 2) lies within 1.
  double within = 0;
  for (const float v : values) within += std::abs(static_cast<double>(v)) < full;
  const double share = std::erf(std::sqrt(0.5)) / std::erf(std::sqrt(2.0));
  BOOST_TEST(std::abs(within / n - share) < 5 * std::sqrt(share * (1 - share) / n));
}

BOOST_AUTO_TEST_CASE(torch_uniform_draws_kernels_and_biases_within_one_over_the_root_of_fan_in) {
  struct Layers : Seq<Conv<512, 5, TorchUniform>, Dense<4000, TorchUniform>> {};
  Model<Network<Layers, Input<5, 5, 3>>> model{seed(3), threads(1)};
  const auto check = [&](const char* name, double fan_in) {
    const std::span<float> values = model.tensor(name);
    check_uniform({values.begin(), values.end()}, 1 / std::sqrt(fan_in));
  };
  check("conv_1/kernel", 75);
  check("conv_1/bias", 75);
  check("dense_1/kernel", 512);
  check("dense_1/bias", 512);
}

BOOST_AUTO_TEST_CASE(zeros_are_zeros) {
  for (const float v : kernel_of<Zeros>()) BOOST_REQUIRE(v == 0);
}

BOOST_AUTO_TEST_CASE(a_convolution_counts_its_window_among_the_fans) {
  struct Layers : Seq<Conv<64, 3>> {};
  Model<Network<Layers, Input<8, 8, 32>>> model{seed(1), threads(1)};
  const std::span<float> kernel = model.tensor("conv_1/kernel");
  check_uniform({kernel.begin(), kernel.end()}, std::sqrt(6.0 / (9 * 32 + 9 * 64)));
}

BOOST_AUTO_TEST_CASE(batch_normalisation_begins_as_the_identity) {
  Model<reference::SmallR5> model{seed(1), threads(1)};
  for (const float v : model.tensor("batch_norm_1/gamma")) BOOST_REQUIRE(v == 1);
  for (const float v : model.tensor("batch_norm_1/beta")) BOOST_REQUIRE(v == 0);
  for (const float v : model.tensor("batch_norm_1/moving_mean")) BOOST_REQUIRE(v == 0);
  for (const float v : model.tensor("batch_norm_1/moving_variance")) BOOST_REQUIRE(v == 1);
}

BOOST_AUTO_TEST_CASE(known_answers) {
  // Philox4x32-10 computed by another program: key 42, counter (c, 0, 0, 1 << 24 | tensor), see core/philox.hpp.
  struct Layers : Seq<Dense<40, Uniform<1, 20>>, Dense<40, Uniform<1, 20>>> {};
  Model<Network<Layers, Input<40>>> model{seed(42), threads(1)};
  const std::size_t elements[] = {0, 1, 15, 16, 17, 63, 64, 100};
  const double first[] = {0.009204850567039102,  0.046771715406794104,  -0.030262510583270341, 0.042472201085183771,
                          -0.042033255461137745, -0.016774876217823476, 0.002824683289509267,  -0.0083147878875024627};
  const double second[] = {0.0064587527536787096, -0.0079899750999175012, 0.030391706235241147, 0.02591949853813276,
                           0.049111468868795784,  0.02467718905536458,    0.020833299856167289, -0.017736133013386279};
  for (std::size_t i = 0; i < std::size(elements); ++i) {
    BOOST_TEST(model.tensor("dense_1/kernel")[elements[i]] == static_cast<float>(first[i]));
    BOOST_TEST(model.tensor("dense_2/kernel")[elements[i]] == static_cast<float>(second[i]));
  }
}

BOOST_AUTO_TEST_CASE(a_tensor_does_not_depend_on_the_others) {
  struct A : Seq<Dense<8>, Dense<4>, Dense<6>> {};
  struct B : Seq<Dense<8, HeNormal>, Dense<4>, Dense<9>> {};
  Model<Network<A, Input<5>>> a{seed(7), threads(1)};
  Model<Network<B, Input<5>>> b{seed(7), threads(1)};
  BOOST_TEST(a.tensor("dense_2/kernel") == b.tensor("dense_2/kernel"), boost::test_tools::per_element());
  BOOST_TEST(a.tensor("dense_1/kernel")[0] != b.tensor("dense_1/kernel")[0]);
  // Tensors of equal shape differ.
  struct C : Seq<Dense<5>, Dense<5>> {};
  Model<Network<C, Input<5>>> c{seed(7), threads(1)};
  BOOST_TEST(c.tensor("dense_1/kernel")[0] != c.tensor("dense_2/kernel")[0]);
}

BOOST_AUTO_TEST_CASE(seeds) {
  BOOST_TEST(kernel_of<HeNormal>(1) == kernel_of<HeNormal>(1), boost::test_tools::per_element());
  BOOST_TEST((kernel_of<>(1) != kernel_of<>(2)));
  BOOST_TEST((kernel_of<>(1) != kernel_of<>(std::uint64_t{1} << 32 | 1)));  // all 64 bits of it count
}

BOOST_AUTO_TEST_CASE(gaps_between_tensors_are_zero) {
  Model<reference::SmallR5> model{seed(1), threads(1)};
  std::vector<bool> used(model.parameters().size());
  for (const Segment& s : reference::SmallR5::parameters.segments)
    for (std::int64_t i = 0; i < s.parameter.size(); ++i) used[static_cast<std::size_t>(s.offset + i)] = true;
  std::size_t gaps = 0;
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (used[i]) continue;
    ++gaps;
    BOOST_REQUIRE(model.parameters()[i] == 0);
  }
  BOOST_TEST(gaps > 0u);
}

BOOST_AUTO_TEST_SUITE_END()
