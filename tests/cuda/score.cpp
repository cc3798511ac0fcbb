// Losses by their own text on a GPU, and smoothed cross-entropy, against the CPU's.
#include <simt/accesses.hpp>
#include <simt/simt.hpp>
#include <strata/core/philox.hpp>
#include <strata/cuda/score.cuh>
#include <strata/losses.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

using namespace strata;

namespace {

constexpr int classes = 10, stride = 16, items = 80;

template <class Loss>
void check(const Loss& loss, bool has_targets) {
  const auto draw = [](std::uint32_t i, std::uint32_t c) {
    return philox::uniform(philox::word({philox::Key(3)}, i, c));
  };
  for (const simt::Schedule& schedule : simt::three_schedules) {
    const simt::Machine machine({.schedule = schedule});
    for (const int batch : {1, 70}) {
      simt::Global<float> outputs(static_cast<std::size_t>(batch * stride), 0.0f), gradient(outputs.size(), -7.0f);
      simt::Global<float> targets(items * classes, 0.0f);
      simt::Global<std::int32_t> labels(items, 0);
      simt::Global<std::byte> bytes(static_cast<std::size_t>(batch) * 64);
      simt::Global<unsigned> not_finite(1, 0u);
      const cuda::SampleRecords records(bytes.data(), batch);
      for (std::uint32_t i = 0; i < items; ++i) {
        labels[i] = static_cast<std::int32_t>(i % classes);
        for (std::uint32_t c = 0; c < classes; ++c) targets[i * classes + c] = draw(i, c + 100) / classes;
      }
      for (int i = 0; i < batch; ++i) {
        records.index[i] = (7 * i + 3) % items;
        for (int c = 0; c < classes; ++c)
          outputs[static_cast<std::size_t>(i * stride + c)] =
              0.05f + 0.9f * draw(static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(c));
      }
      if (batch > 1) outputs[stride] = std::numeric_limits<float>::quiet_NaN();
      cuda::score<classes, stride>(
          nullptr, batch, outputs.data(), gradient.data(),
          {records, {labels.data(), has_targets ? targets.data() : nullptr}, not_finite.data()}, loss);
      for (int i = 0; i < batch; ++i) {
        const auto item = static_cast<std::size_t>(records.index[i]);
        alignas(64) float expected[stride] = {};
        const auto score = loss.score(&outputs[static_cast<std::size_t>(i * stride)], classes,
                                      {labels[item], has_targets ? &targets[item * classes] : nullptr}, expected,
                                      1.0f / static_cast<float>(batch));
        if (batch > 1 && i == 1) {
          BOOST_TEST(std::isnan(records.loss[i]));
          continue;
        }
        BOOST_TEST(std::abs(records.loss[i] - score.loss) <= 1e-6f * std::max(1.0f, std::abs(score.loss)), Loss::name);
        BOOST_TEST(records.predicted[i] == score.predicted);
        BOOST_TEST((records.correct[i] == 1) == score.correct);
        for (int c = 0; c < classes; ++c)
          BOOST_TEST(std::abs(gradient[static_cast<std::size_t>(i * stride + c)] - expected[c]) <= 1e-6f, Loss::name);
        for (int c = classes; c < stride; ++c) BOOST_TEST(gradient[static_cast<std::size_t>(i * stride + c)] == -7.0f);
      }
      BOOST_TEST(not_finite[0] == (batch > 1 ? 1u : 0u));
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(score)

BOOST_AUTO_TEST_CASE(labels) {
  check(KLDivergence{}, false);
  check(MeanSquaredError{}, false);
  check(BinaryCrossEntropy{}, false);
  check(BinaryCrossEntropy{.from_logits = false}, false);
  check(CrossEntropy{.label_smoothing = 0.1}, false);
}

BOOST_AUTO_TEST_CASE(targets) {
  check(KLDivergence{}, true);
  check(MeanSquaredError{}, true);
  check(BinaryCrossEntropy{}, true);
  check(CrossEntropy{.label_smoothing = 0.1}, true);
}

BOOST_AUTO_TEST_SUITE_END()
