// The norm of the gradients and their sums over batches, against the CPU's.
#include <simt/accesses.hpp>
#include <simt/simt.hpp>
#include <strata/core/philox.hpp>
#include <strata/cpu/gradients.hpp>
#include <strata/cuda/gradients.cuh>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstdint>
#include <vector>

using namespace strata;

namespace {

simt::Global<float> drawn(std::int64_t n, std::uint32_t stream) {
  simt::Global<float> x(static_cast<std::size_t>(n));
  for (std::int64_t i = 0; i < n; ++i)
    x.data()[i] = philox::uniform(philox::word({philox::Key(9), stream}, 0, static_cast<std::uint32_t>(i))) - 0.5f;
  return x;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gradients)

BOOST_AUTO_TEST_CASE(clipping) {
  cpu::Pool pool(2);
  for (const std::int64_t floats : {std::int64_t{16}, std::int64_t{1040}, std::int64_t{528 * 1024 + 48}}) {
    const simt::Global<float> x = drawn(floats, 1);
    std::vector<double> cpu_parts(static_cast<std::size_t>(cpu::norm_parts(floats)));
    const double norm = cpu::norm(pool, x.data(), floats, cpu_parts.data());
    double expected = 0;
    for (std::int64_t i = 0; i < floats; ++i) expected += std::pow(static_cast<double>(x.data()[i]), 2);
    BOOST_TEST(std::abs(norm / std::sqrt(expected) - 1) < 1e-12);
    const bool is_large = floats > 2000;
    for (const simt::Schedule& schedule : simt::three_schedules) {
      const simt::Machine machine({.schedule = schedule, .find_races = !is_large});
      simt::Global<double> parts(cuda::GradientsSpec::most_blocks, 0.0);
      simt::Global<float> scale(1, 0.0f);
      cuda::clip(nullptr, x.data(), floats, 0.25 * norm, parts.data(), scale.data());
      BOOST_TEST(std::abs(static_cast<double>(scale[0]) - 0.25) < 1e-7);
      cuda::clip(nullptr, x.data(), floats, 1.01 * norm, parts.data(), scale.data());
      BOOST_TEST(scale[0] == 1.0f);
      if (is_large) break;
    }
  }
}

BOOST_AUTO_TEST_CASE(sums_of_batches) {
  cpu::Pool pool(2);
  for (const std::int64_t floats : {std::int64_t{16}, std::int64_t{1040}}) {
    const simt::Global<float> a = drawn(floats, 1), b = drawn(floats, 2);
    AlignedBuffer expected(static_cast<std::size_t>(floats) * 4);
    std::fill_n(expected.floats(), floats, std::nanf(""));  // the first batch reads no sum
    cpu::accumulate(pool, expected.floats(), a.data(), 0.75f, true, floats);
    cpu::accumulate(pool, expected.floats(), b.data(), 0.25f, false, floats);
    const simt::Machine machine({});
    simt::Global<float> sum(static_cast<std::size_t>(floats), std::nanf(""));
    cuda::accumulate(nullptr, sum.data(), a.data(), 0.75f, true, floats);
    cuda::accumulate(nullptr, sum.data(), b.data(), 0.25f, false, floats);
    for (std::int64_t i = 0; i < floats; ++i) {
      const double exact = 0.75 * static_cast<double>(a.data()[i]) + 0.25 * static_cast<double>(b.data()[i]);
      BOOST_TEST(std::abs(static_cast<double>(expected.floats()[i]) - exact) < 0x1p-23);
      BOOST_TEST(std::abs(static_cast<double>(sum.data()[i]) - exact) < 0x1p-23);
    }
  }
}

BOOST_AUTO_TEST_CASE(moves_no_more_than_it_must, *boost::unit_test::precondition(simt_test::sees_accesses)) {
  const simt::Global<float> x = drawn(4096, 1);
  simt::Global<float> sum(4096, 0.0f), scale(1, 0.0f);
  simt::Global<double> parts(cuda::GradientsSpec::most_blocks, 0.0);
  const simt::Traffic traffic;
  cuda::accumulate(nullptr, sum.data(), x.data(), 0.5f, false, 4096);
  cuda::clip(nullptr, x.data(), 4096, 1, parts.data(), scale.data());
  BOOST_TEST(traffic.sectors() <= 1.1, traffic.report());
}

BOOST_AUTO_TEST_SUITE_END()
