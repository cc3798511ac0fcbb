// A network's head in one launch: scores and all gradients against the formulas in double precision, and a step of
// training with and without it.
#include <simt/accesses.hpp>
#include <simt/runtime/gpu.hpp>
#include <simt/simt.hpp>
#include <strata/cuda/training.cuh>
#include <strata/layers/dense/cuda.cuh>
#include <strata/layers/dropout/dropout.hpp>
#include <strata/layers/relu/relu.hpp>
#include <strata/layers/softmax/cuda.cuh>
#include <strata/plan/network.hpp>
#include <strata/train/optimizer/sgd.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace strata;

namespace {

constexpr float no_number = std::numeric_limits<float>::quiet_NaN();

/// Results with what each is the sum of, in absolute values.
struct Exact {
  std::vector<double> value, terms;

  explicit Exact(std::size_t size) : value(size), terms(size) {}

  void add(std::size_t i, double x, double of) {
    value[i] += x;
    terms[i] += of;
  }
};

/// A batch at the head of a network with numbers in [-1, 1], in memory that ends where its last number does.
template <int Inputs, int Units, bool HasBias = true>
struct Head {
  static constexpr std::size_t inputs = Inputs, units = Units, items = 11;
  static constexpr auto pitch = static_cast<std::size_t>(cuda::stride(Shape::vector(Inputs)));
  using G = GroupSpec<Cuda<>, Mode::training, Vector<Inputs>,
                      std::conditional_t<HasBias, Dense<Units>, Dense<Units, NoBias>>>;

  std::size_t batch;
  bool has_targets;
  simt::Global<float> x, arena, dx, gradients, targets;
  simt::Global<std::int32_t> labels;
  simt::Global<std::byte> samples;
  simt::Global<unsigned> not_finite{1, 0u};

  Head(int n, bool with_targets)
      : batch(static_cast<std::size_t>(n)),
        has_targets(with_targets),
        x(batch * pitch, no_number),
        arena(bias_place() + units),
        dx(batch * pitch, -7.0f),
        gradients(arena.size(), no_number),
        targets(items * units, 0.0f),
        labels(items),
        samples(batch * 64) {
    std::uint32_t state = static_cast<std::uint32_t>(n);
    const auto draw = [&] { return static_cast<float>((state = state * 1664525u + 1013904223u) >> 8) * 0x1p-23f - 1; };
    for (std::size_t i = 0; i < batch; ++i) {
      for (std::size_t k = 0; k < inputs; ++k) x[i * pitch + k] = draw();
      record().index[i] = item(i);
    }
    for (float& w : arena) w = draw();
    for (std::size_t s = 0; s < items; ++s) {
      labels[s] = static_cast<std::int32_t>(s * 7 % units);
      targets[s * units + static_cast<std::size_t>(labels[s])] = 0.75f;
      targets[s * units + (s * 5 + 1) % units] += 0.125f;
    }
  }

  static constexpr std::size_t bias_place() { return (inputs * units + 15) / 16 * 16; }
  static std::int64_t item(std::size_t i) { return static_cast<std::int64_t>(i * 3 % items); }
  cuda::SampleRecords record() { return {samples.data(), static_cast<int>(batch)}; }

  void run() {
    const std::int64_t offsets[] = {0, bias_place()};
    cuda::GroupArgs a;
    a.batch = static_cast<int>(batch);
    a.input = x.data();
    a.input_gradient = dx.data();
    a.arena = arena.data();
    a.gradients = gradients.data();
    a.offsets = offsets;
    cuda::DenseHead<G>::template train<true>(
        a, {record(), {labels.data(), has_targets ? targets.data() : nullptr}, not_finite.data()});
  }

  double target(std::size_t s, std::size_t c) const {
    if (has_targets) return static_cast<double>(targets[s * units + c]);
    return static_cast<std::size_t>(labels[s]) == c ? 1 : 0;
  }

  /// Compares everything. A logit is off by some 2^-21 of its terms, and so are they all together.
  void check() {
    Exact input_gradient(batch * inputs), kernel(inputs * units), bias(units);
    for (std::size_t i = 0; i < batch; ++i) {
      const auto s = static_cast<std::size_t>(item(i));
      Exact z(units);
      double most = 1, total = 0, weight = 0, loss = 0;
      for (std::size_t c = 0; c < units; ++c) {
        if (HasBias) z.add(c, static_cast<double>(arena[bias_place() + c]), 1);
        for (std::size_t k = 0; k < inputs; ++k) {
          const double product = static_cast<double>(x[i * pitch + k]) * static_cast<double>(arena[k * units + c]);
          z.add(c, product, std::abs(product));
        }
        most = std::max(most, z.terms[c]);
      }
      std::size_t first = 0;
      for (std::size_t c = 0; c < units; ++c) {
        total += std::exp(z.value[c]);
        if (z.value[c] > z.value[first]) first = c;
        weight += target(s, c);
      }
      for (std::size_t c = 0; c < units; ++c) {
        loss += target(s, c) * (std::log(total) - z.value[c]);
        const double p = std::exp(z.value[c]) / total * weight, n = static_cast<double>(batch);
        const double dz = (p - target(s, c)) / n, terms = (p * 4 * most + target(s, c)) / n;
        bias.add(c, dz, terms);
        for (std::size_t k = 0; k < inputs; ++k) {
          const double w = static_cast<double>(arena[k * units + c]), v = static_cast<double>(x[i * pitch + k]);
          input_gradient.add(i * inputs + k, dz * w, terms * std::abs(w));
          kernel.add(k * units + c, dz * v, terms * std::abs(v));
        }
      }
      BOOST_TEST(std::abs(static_cast<double>(record().loss[i]) - loss) <= 0x1p-21 * (loss + 4 * most));
      BOOST_TEST(static_cast<std::size_t>(record().predicted[i]) == first);
      BOOST_TEST(record().correct[i] == (record().predicted[i] == labels[s] ? 1 : 0));
      for (std::size_t k = inputs; k < pitch; ++k) BOOST_TEST(dx[i * pitch + k] == -7);
    }
    std::size_t wrong = 0;
    const auto compare = [&](float got, const Exact& want, std::size_t i) {
      wrong += !(std::abs(static_cast<double>(got) - want.value[i]) <= 0x1p-21 * want.terms[i]);
    };
    for (std::size_t i = 0; i < batch * inputs; ++i) compare(dx[i / inputs * pitch + i % inputs], input_gradient, i);
    BOOST_TEST(wrong == 0u, wrong << " gradients of the input are wrong");
    for (std::size_t i = 0; i < inputs * units; ++i) compare(gradients[i], kernel, i);
    BOOST_TEST(wrong == 0u, wrong << " gradients of the kernel are wrong");
    for (std::size_t c = 0; HasBias && c < units; ++c) compare(gradients[bias_place() + c], bias, c);
    BOOST_TEST(wrong == 0u, wrong << " gradients of the bias are wrong");
    BOOST_TEST(not_finite[0] == 0u);
  }
};

template <int Inputs, int Units, bool HasBias = true>
void check(std::initializer_list<int> batches) {
  for (const int batch : batches)
    for (const bool with_targets : {false, true})
      BOOST_TEST_CONTEXT(Inputs << " inputs, " << Units << " units, batch " << batch) {
        std::vector<float> first;
        for (const simt::Schedule& schedule : simt::three_schedules) {
          const simt::Machine machine({.schedule = schedule});
          Head<Inputs, Units, HasBias> head(batch, with_targets);
          head.run();
          if (first.empty()) head.check();
          std::vector<float> all(head.dx.begin(), head.dx.end());
          all.insert(all.end(), head.gradients.begin(), head.gradients.begin() + Inputs * Units);
          if (first.empty()) first = all;
          BOOST_TEST((all == first), "schedules agree bit by bit");
        }
      }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(head)

BOOST_AUTO_TEST_CASE(shapes) {
  check<1, 1>({1, 33});
  check<5, 2>({3});
  check<33, 10>({1, 70});
  check<100, 10>({8});  // three blocks
  check<31, 32>({5});   // two, and all lanes
  check<16, 32>({2});   // the second one has the bias alone
  check<17, 31, false>({35});
}

BOOST_AUTO_TEST_CASE(losses_that_are_no_numbers_are_counted) {
  Head<33, 10> head(40, false);
  head.x[3 * head.pitch + 32] = no_number;
  head.x[37 * head.pitch + 1] = std::numeric_limits<float>::infinity();
  head.run();
  BOOST_TEST(head.not_finite[0] == 2u);
  BOOST_TEST(std::isnan(head.record().loss[3]));
  BOOST_TEST(std::isfinite(head.record().loss[4]));
}

BOOST_AUTO_TEST_CASE(moves_no_more_than_it_must, *boost::unit_test::precondition(simt_test::sees_accesses)) {
  const simt::Machine machine({.find_races = false});
  Head<96, 10> head(32, false);
  const simt::Traffic traffic;
  head.run();
  BOOST_TEST(traffic.bank_conflicts() <= 2, traffic.report());  // as the weights come to rows of odd length, once
  BOOST_TEST(traffic.sectors() <= 1.2, traffic.report());       // neighbours share inputs, from the nearest cache
  BOOST_TEST_MESSAGE(traffic.report());
}

template <class... Ops>
using Group = GroupSpec<Cuda<>, Mode::training, Vector<100>, Ops...>;
static_assert(cuda::DenseHead<Group<Dense<10>>>::most_batch > 0);
static_assert(cuda::DenseHead<Group<Dense<33>>>::most_batch == 0);
static_assert(cuda::DenseHead<Group<Dense<10>, ReLU>>::most_batch == 0);
static_assert(cuda::DenseHead<Group<Dense<10>, Dropout<20>>>::most_batch == 0);
static_assert(cuda::DenseHead<GroupSpec<Cuda<>, Mode::inference, Vector<100>, Dense<10>>>::most_batch == 0);
static_assert(cuda::DenseHead<GroupSpec<Cuda<>, Mode::training, Vector<2000>, Dense<1>>>::most_batch == 0);

namespace {

struct Small : Seq<Dense<3, ReLU>, Softmax<4>> {};
using Net = Network<Small, Input<5>>;
using Steps = Plan<Net, Mode::training, Cuda<Fp32>, LossOnLogits>;

/// The parameters behind a step of training, and its launches. With twice the batch each sample comes twice, which
/// changes no mean.
std::vector<float> step(int batch, int samples, int& launches) {
  const simt::Machine machine({.find_races = false});
  const simt::Gpu gpu;
  std::vector<float> values(static_cast<std::size_t>(batch) * 5);
  std::vector<std::int32_t> labels(static_cast<std::size_t>(batch));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::size_t s = i % static_cast<std::size_t>(samples);
    labels[i] = static_cast<std::int32_t>(s * s % 4);
    for (std::size_t k = 0; k < 5; ++k) values[i * 5 + k] = static_cast<float>((s * 5 + k) * 7 % 13) / 8 - 0.75f;
  }
  const SGD sgd{.learning_rate = 0.1};
  const cuda::OwnedStream stream;
  const cuda::DeviceDataset<Net::input> data(stream, std::span<const float>(values), labels, {});
  cuda::Training<Steps, SGD> training(data, sgd, 42, {.batch = batch, .shuffle = false});
  std::vector<float> arena(static_cast<std::size_t>(Net::parameters.floats)), moments;
  for (std::size_t i = 0; i < arena.size(); ++i) arena[i] = static_cast<float>(i * 11 % 17) / 16 - 0.5f;
  training.upload(arena, moments);
  training.begin_epoch(0, 0);
  launches = -gpu.kernels_run();
  training.run(1);
  BOOST_TEST(training.tally().steps == 1);
  launches += gpu.kernels_run();
  training.download(arena, moments);
  return arena;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_step_with_it_and_without) {
  int launches = 0, more_launches = 0;
  const std::vector<float> with = step(150, 150, launches), without = step(300, 150, more_launches);
  if (simt::is_simulated) BOOST_TEST(launches == more_launches - 4);
  double most = 0;
  for (std::size_t i = 0; i < with.size(); ++i)
    most = std::max(most, std::abs(static_cast<double>(with[i]) - static_cast<double>(without[i])));
  BOOST_TEST(most <= 0x1p-22);
}

BOOST_AUTO_TEST_SUITE_END()
