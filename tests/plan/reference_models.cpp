// The numbers of published systems, layer by layer: parameters, shapes, operations, groups, memory.
#include "reference_models.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <utility>

using namespace reference;

namespace {

/// The parameters of every layer as written.
template <class Net>
constexpr auto parameters_by_layer = []<int... I>(std::integer_sequence<int, I...>) {
  return std::array<std::int64_t, sizeof...(I)>{Net::template parameter_count_at<I>...};
}
(std::make_integer_sequence<int, Net::layer_count>{});

template <class... T>
constexpr std::array<std::int64_t, sizeof...(T)> layers(T... counts) {
  return {counts...};
}

/// The parameters of every operation that no gradient moves.
template <class Net>
constexpr auto not_trainable = [] {
  std::array<std::int64_t, Net::resolution.operations.size()> counts{};
  for (const Segment& s : Net::parameters.segments)
    if (!s.parameter.trainable) counts[static_cast<std::size_t>(s.operation)] += s.parameter.size();
  return counts;
}();

static_assert(R1::parameter_count == 542'230);
static_assert(R1::trainable_count == 542'230);
static_assert(parameters_by_layer<R1> == layers(320, 0, 0, 540'900, 1'010));
static_assert(R1::output == Shape::vector(10));

static_assert(R2::parameter_count == 473'631 && R2::trainable_count == 473'631);
static_assert(parameters_by_layer<R2> == layers(784 * 397 + 397, 397 * 397 + 397, 3'980));
static_assert(R2::input_shape == Shape::vector(784));

static_assert(R3::parameter_count == 93'222 && R3::trainable_count == 93'222);
static_assert(parameters_by_layer<R3> == layers(832, 0, 0, 92'180, 210));

static_assert(R5::parameter_count == 499'378);
static_assert(R5::trainable_count == 492'446);
static_assert(R5::parameter_count - R5::trainable_count == 6'932);
static_assert(parameters_by_layer<R5> ==
              layers(640, 0, 0, 0, 73'856, 0, 0, 0, 0, 12'800, 409'728, 512, 0, 0, 512, 1'290, 40, 0));
static_assert(not_trainable<R5> == layers(0, 0, 0, 0, 0, 0, 0, 0, 0, 6'400, 0, 256, 0, 0, 256, 0, 20, 0));

static_assert(R6::parameter_count == 232'650 && R6::trainable_count == 232'650);
static_assert(parameters_by_layer<R6> == layers(320, 0, 18'496, 0, 0, 204'928, 0, 8'256, 0, 650));

static_assert(R8::parameter_count == 21'840 && R8::trainable_count == 21'840);
static_assert(parameters_by_layer<R8> == layers(260, 0, 0, 5'020, 0, 0, 0, 0, 16'050, 510, 0));

static_assert(R12::parameter_count == 607'394 && R12::trainable_count == 607'394);
static_assert(parameters_by_layer<R12> == layers(280, 0, 0, 605'824, 0, 1'290));

static_assert(VggBase::parameter_count == 14'714'688);
static_assert(parameters_by_layer<VggBase> == layers(1'792, 36'928, 0,                    //
                                                     73'856, 147'584, 0,                  //
                                                     295'168, 590'080, 590'080, 0,        //
                                                     1'180'160, 2'359'808, 2'359'808, 0,  //
                                                     2'359'808, 2'359'808, 2'359'808, 0));
static_assert(VggBase::output == Shape::image(8, 8, 512));
static_assert(R13::parameter_count == 23'106'122);
static_assert(R13::parameter_count_at<19> == 8'388'864);
static_assert(R13::parameter_count_at<20> == 2'570);
static_assert(R13::layer_count == 21);

// Shapes at every edge; value k + 1 is what operation k makes, and an activation given as an option is an operation.
template <class Net>
constexpr Shape value(int k) {
  return Net::resolution.shapes[static_cast<std::size_t>(k)];
}
static_assert(value<R1>(2) == Shape::image(26, 26, 32) && value<R1>(3) == Shape::image(13, 13, 32));
static_assert(value<R1>(4) == Shape::vector(5408));
static_assert(value<R3>(3) == Shape::image(12, 12, 32) && value<R3>(4) == Shape::vector(4608));
static_assert(value<R5>(5) == Shape::image(11, 11, 128) && value<R5>(7) == Shape::image(5, 5, 128));
static_assert(value<R5>(9) == Shape::vector(3200));
static_assert(value<R6>(7) == Shape::vector(1600));
static_assert(value<R8>(8) == Shape::vector(320));
static_assert(value<R12>(3) == Shape::vector(4732));
static_assert(value<R13>(32) == Shape::vector(32'768));

// Operations of the forward pass: two for each product.
static_assert(R2::flops == 2 * (784 * 397 + 397 * 397 + 397 * 10));
static_assert(R12::flops == 2 * (26 * 26 * 28 * 9 + 4732 * 128 + 128 * 10));
static_assert(R8::flops == 2 * (24 * 24 * 10 * 25 + 8 * 8 * 20 * 250 + 320 * 50 + 50 * 10));
// VGG-16's convolutions at its own 224 x 224 are known to take 15.3 billion multiply-adds.
static_assert(Network<VggBaseLayers, Input<224, 224, 3>>::flops == 2 * 15'346'630'656);
// Training does each layer's product thrice, but nobody wants the gradient of the input.
static_assert(R12::training_flops == 3 * R12::flops - 2 * (26 * 26 * 28 * 9));
static_assert(R2::training_flops == 3 * R2::flops - 2 * (784 * 397));

// Groups: what runs as one kernel. A loss on logits takes the closing softmax out of training.
template <class Net, Mode M>
constexpr auto group_sizes = [] {
  using P = std::conditional_t<M == Mode::training, Plan<Net, M, Cpu<>, LossOnLogits>, Plan<Net, M, Cpu<>>>;
  std::array<int, static_cast<std::size_t>(P::groups)> sizes{};
  for (std::size_t g = 0; g < sizes.size(); ++g) sizes[g] = P::grouping.groups[g].count;
  return sizes;
}();
constexpr auto training = Mode::training;
constexpr auto inference = Mode::inference;

// conv + relu + pool + flatten, dense + relu, dense, softmax
static_assert(group_sizes<R1, training> == std::array{4, 2, 1});
static_assert(group_sizes<R1, inference> == std::array{4, 2, 1, 1});
static_assert(R1::groups<training> == 3);
// conv + pool + flatten, dense + relu + dropout, dense, softmax
static_assert(group_sizes<R12, training> == std::array{3, 3, 1});
static_assert(group_sizes<R12, inference> == std::array{3, 3, 1, 1});
// conv + leaky + pool + dropout (+ flatten), and in training every batch normalisation begins a group
static_assert(group_sizes<R5, training> == std::array{4, 5, 1, 1, 3, 1, 1, 1});
static_assert(group_sizes<R5, inference> == std::array{4, 6, 5, 2, 1});
static_assert(R5::groups<training> == 8);
// conv + pool + relu, conv + channel dropout + pool + relu + flatten, dense + relu, dense, log-softmax
static_assert(group_sizes<R8, training> == std::array{3, 5, 2, 1});
static_assert(group_sizes<R8, inference> == std::array{3, 5, 2, 1, 1});
// a convolution with its rectifier, and the last of each block with the pooling
static_assert(VggBase::groups<training> == 13);

// Memory. max_batch gives the largest batch that fits, and no byte less will do.
template <class Net, class Optimizer>
constexpr bool is_largest(std::size_t bytes, Optimizer optimizer, int threads) {
  const int most = Net::max_batch(bytes, optimizer, threads);
  return (most == 0 || Net::training_bytes(most, optimizer, threads) <= bytes) &&
         Net::training_bytes(most + 1, optimizer, threads) > bytes;
}
static_assert(is_largest<R12>(64_MiB, Adam{}, 1) && is_largest<R12>(64_MiB, SGD{}, 8));
static_assert(is_largest<R5>(1_GiB, Adam{}, 4) && is_largest<R2>(10_MiB, SGD{.momentum = 0.9}, 1));
static_assert(is_largest<R12>(R12::training_bytes(77, Adam{}), Adam{}, 1));
static_assert(R12::max_batch(R12::training_bytes(77, Adam{}), Adam{}) == 77);
static_assert(R12::max_batch(R12::training_bytes(77, Adam{}) - 1, Adam{}) == 76);
static_assert(R12::max_batch(1_MiB, Adam{}) == 0);
static_assert(R12::max_batch(std::numeric_limits<std::size_t>::max(), Adam{}) == std::numeric_limits<int>::max());
static_assert(R12::training_bytes(128, Adam{}) < 64_MiB);
static_assert(R12::inference_bytes(1) < 4_MiB && R12::inference_bytes(1) > 4 * R12::parameter_count);
// A moment more is the trainable parameters once more (rounded up to lines of 64 bytes for each tensor).
constexpr std::size_t moment = R5::training_bytes(1, SGD{.momentum = 0.9}) - R5::training_bytes(1, SGD{});
static_assert(moment >= 4 * R5::trainable_count && moment < 4 * R5::trainable_count + 64 * 16);
static_assert(R5::training_bytes(1, Adam{}) - R5::training_bytes(1, SGD{}) == 2 * moment);
// Forward values of training must be kept, those of inference share memory.
static_assert(R5::inference_bytes(256) < R5::training_bytes(256, SGD{}) / 3);

}  // namespace

BOOST_AUTO_TEST_SUITE(plan_reference_models)

BOOST_AUTO_TEST_CASE(numbers_hold_at_run_time_too) {
  // All of this file is checked by the compiler; here the same numbers are read back through the view.
  const NetworkView net = view_of<R5>();
  BOOST_TEST(net.parameter_count == 499'378);
  BOOST_TEST(net.trainable_count == 492'446);
  std::int64_t sum = 0;
  for (const Segment& s : net.segments) sum += s.parameter.size();
  BOOST_TEST(sum == net.parameter_count);
  BOOST_TEST(net.flops == R5::flops);
}

BOOST_AUTO_TEST_SUITE_END()
