// The loss of a batch, against the CPU's.
#include <simt/accesses.hpp>
#include <simt/simt.hpp>
#include <strata/cuda/cross_entropy.cuh>
#include <strata/loss/cross_entropy.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

using namespace strata;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity(), no_number = std::numeric_limits<float>::quiet_NaN();

/// A batch of logits with labels or targets, and what the kernel makes of it.
template <int Classes>
struct Batch {
  static constexpr int stride = (Classes + 15) / 16 * 16, samples = 20;
  static constexpr auto row = static_cast<std::size_t>(stride), classes = static_cast<std::size_t>(Classes);

  int batch;
  simt::Global<float> logits, gradient, targets;
  simt::Global<std::int32_t> labels;
  simt::Global<std::byte> records;
  simt::Global<unsigned> not_finite{1, 0u};
  bool has_targets;

  Batch(int n, bool with_targets)
      : batch(n),
        logits(static_cast<std::size_t>(n) * row),
        gradient(static_cast<std::size_t>(n) * row, -7.0f),
        targets(samples * classes, 0.0f),
        labels(samples, 0),
        records(static_cast<std::size_t>(n) * 64),
        has_targets(with_targets) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
      record().index[i] = item(i);
      for (std::size_t c = 0; c < classes; ++c)
        logits[i * row + c] = static_cast<float>((i * 41 + c * 37 + 11) % 53) / 8 - 3;
    }
    for (std::size_t s = 0; s < samples; ++s) {
      labels[s] = static_cast<std::int32_t>(s * 7 % classes);
      targets[s * classes + static_cast<std::size_t>(labels[s])] = 0.75f;
      targets[s * classes + (s * 5 + 1) % classes] += 0.125f;
    }
  }

  static std::int64_t item(std::size_t i) { return static_cast<std::int64_t>(i * 3 % samples); }
  cuda::SampleRecords record() { return {records.data(), batch}; }

  void run(bool wants_gradient = true) {
    cuda::cross_entropy<Classes, stride>(
        nullptr, batch, logits.data(), wants_gradient ? gradient.data() : nullptr,
        {record(), {labels.data(), has_targets ? targets.data() : nullptr}, not_finite.data()});
  }

  /// Compares everything with the CPU's.
  void check() {
    const float scale = 1.0f / static_cast<float>(batch);
    for (std::size_t i = 0; i < static_cast<std::size_t>(batch); ++i) {
      const auto s = static_cast<std::size_t>(item(i));
      const detail::SampleTruth truth{labels[s], has_targets ? &targets[s * classes] : nullptr};
      std::vector<float> expected(classes);
      const auto score = cpu::cross_entropy(&logits[i * row], Classes, truth, expected.data(), scale);
      BOOST_TEST(record().predicted[i] == score.predicted);
      BOOST_TEST(record().correct[i] == score.correct);
      if (!std::isfinite(score.loss)) {
        BOOST_TEST(std::isnan(record().loss[i]) == std::isnan(score.loss));
        continue;
      }
      float top = logits[i * row], total = 0;
      for (std::size_t c = 0; c < classes; ++c) top = std::max(top, logits[i * row + c]);
      for (std::size_t c = 0; c < classes; ++c) total += std::exp(logits[i * row + c] - top);
      const float terms = std::log(total) + std::abs(logits[i * row + static_cast<std::size_t>(labels[s])] - top) + 8;
      BOOST_TEST(std::abs(record().loss[i] - score.loss) <= 0x1p-21f * terms);
      for (std::size_t c = 0; c < classes; ++c)
        BOOST_TEST(std::abs(gradient[i * row + c] - expected[c]) <= 0x1p-21f * 2 * scale);
      for (std::size_t c = classes; c < row; ++c) BOOST_TEST(gradient[i * row + c] == -7);
    }
  }
};

template <int Classes>
void check() {
  for (const bool with_targets : {false, true}) {
    std::vector<float> first;
    for (const simt::Schedule& schedule : simt::three_schedules) {
      const simt::Machine machine({.schedule = schedule});
      for (const int batch : {1, 5}) {
        Batch<Classes> b(batch, with_targets);
        b.run();
        b.check();
        BOOST_TEST(b.not_finite[0] == 0u);
        if (batch == 1) continue;
        const std::vector<float> all(b.gradient.begin(), b.gradient.end());
        if (first.empty()) first = all;
        BOOST_TEST((all == first), "schedules agree bit by bit");
      }
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cross_entropy)

BOOST_AUTO_TEST_CASE(few_classes) {
  check<1>();
  check<2>();
  check<10>();
}
BOOST_AUTO_TEST_CASE(about_a_warp_of_classes) {
  check<31>();
  check<32>();
  check<33>();
}
BOOST_AUTO_TEST_CASE(many_classes) {
  check<100>();
  check<1000>();
}

BOOST_AUTO_TEST_CASE(the_largest_that_comes_first) {
  Batch<40> b(1, false);
  std::fill_n(b.logits.data(), 40, 0.0f);
  b.logits[35] = b.logits[3] = b.logits[33] = 2;
  b.run();
  BOOST_TEST(b.record().predicted[0] == 3);
  b.check();
}

BOOST_AUTO_TEST_CASE(losses_that_are_no_finite_numbers) {
  for (const float bad : {no_number, infinity, -infinity}) {
    Batch<10> b(5, false);
    b.logits[2 * 16 + static_cast<std::size_t>(b.labels[6])] = bad;  // the right class of sample 2
    b.logits[4 * 16 + 1] = no_number;
    b.run();
    b.check();
    BOOST_TEST(b.not_finite[0] == 2u);
  }
  Batch<10> b(1, true);
  b.logits[9] = -infinity;  // whose target is zero
  b.run();
  b.check();
  BOOST_TEST(b.not_finite[0] == 0u);
  std::fill_n(b.logits.data(), 10, no_number);
  b.run();
  b.check();
  BOOST_TEST(b.not_finite[0] == 1u);
}

BOOST_AUTO_TEST_CASE(without_a_gradient) {
  Batch<10> b(5, false);
  b.run(false);
  BOOST_TEST(b.gradient[0] == -7);
  BOOST_TEST(std::isfinite(b.record().loss[4]));
}

BOOST_AUTO_TEST_CASE(moves_no_more_than_it_must, *boost::unit_test::precondition(simt_test::sees_accesses)) {
  Batch<1000> b(4, false);
  const simt::Traffic traffic;
  b.run();
  BOOST_TEST(traffic.sectors() <= 1.1, traffic.report());
}

BOOST_AUTO_TEST_SUITE_END()
