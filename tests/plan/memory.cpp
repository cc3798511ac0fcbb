// The memory of a step: no two buffers that are alive together share a byte, everything a group reads is alive, and
// little is wasted; for networks of hundreds of layers too.
#include "reference_models.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <utility>
#include <vector>

using namespace strata;
using reference::R1;
using reference::R5;
using reference::R8;

namespace {

// 400 layers as a repeated block, and written out with a hundred kinds of layer.
struct Repeated : Seq<Repeat<100, Seq<Conv<4, 3, Same>, BatchNorm<>, ReLU, Dropout<20>>>, Softmax<10>> {};

template <class Indices>
struct written_out;
template <int... I>
struct written_out<std::integer_sequence<int, I...>> {
  template <int K>
  using layer = std::conditional_t<
      K % 4 == 0, Conv<1 + K / 4 % 25, 3, Same>,
      std::conditional_t<K % 4 == 1, BatchNorm<>, std::conditional_t<K % 4 == 2, LeakyReLU<K / 4>, MaxPool<1>>>>;
  using type = Seq<layer<I>...>;
};
struct WrittenOut : Seq<written_out<std::make_integer_sequence<int, 400>>::type, Softmax<10>> {};

using DeepRepeated = Network<Repeated, Input<6, 6, 4>>;
using DeepWritten = Network<WrittenOut, Input<6, 6, 4>>;

using Buffers = std::vector<Buffer>;

template <class P>
Buffers buffers() {
  return {P::memory.buffers.begin(), P::memory.buffers.begin() + P::memory.buffer_count};
}

void check_places(const Buffers& all, int steps, std::int64_t height) {
  int overlaps = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Buffer& a = all[i];
    BOOST_TEST((a.offset >= 0 && a.offset % 64 == 0 && a.size % 64 == 0 && a.offset + a.size <= height));
    BOOST_TEST((0 <= a.born && a.born <= a.dies && a.dies < steps));
    for (std::size_t j = 0; j < i; ++j) {
      const Buffer& b = all[j];
      const bool together = a.born <= b.dies && b.born <= a.dies;
      const bool share = a.offset < b.offset + b.size && b.offset < a.offset + a.size;
      overlaps += together && share;
    }
  }
  BOOST_TEST(overlaps == 0);
}

// The bytes that are alive at once, at the worst step: no plan can do with less.
std::int64_t least_height(const Buffers& all, int steps) {
  std::int64_t most = 0;
  for (int step = 0; step < steps; ++step) {
    std::int64_t alive = 0;
    for (const Buffer& b : all)
      if (b.born <= step && step <= b.dies) alive += b.size;
    most = std::max(most, alive);
  }
  return most;
}

// True where a buffer of this kind and owner, at this offset, is alive in a step and large enough.
bool is_alive(const Buffers& all, Buffer::Kind kind, int owner, std::int64_t offset, int step, std::int64_t bytes) {
  return std::any_of(all.begin(), all.end(), [&](const Buffer& b) {
    return b.kind == kind && b.owner == owner && b.offset == offset && b.born <= step && step <= b.dies &&
           b.size >= bytes;
  });
}

// The result lives until the loss has read it, and each sample's record to the end.
template <class P>
void alive_result(const Buffers& all, int loss) {
  const auto& last = P::memory.groups[static_cast<std::size_t>(P::groups - 1)];
  const int value = P::grouping.groups[static_cast<std::size_t>(P::groups - 1)].output;
  BOOST_TEST(is_alive(all, Buffer::Kind::value, value, last.output, loss, P::result_shape.size() * 4));
  for (int step = 0; step < P::memory.steps; ++step)
    BOOST_TEST(is_alive(all, Buffer::Kind::samples, 0, P::memory.samples, step, 64));
}

// Every group finds what it reads and has room for what it writes, forward and backward.
template <class P>
void check_lifetimes() {
  const Buffers all = buffers<P>();
  const int loss = P::groups + 1;
  auto bytes = [](int value) { return P::network::resolution.shapes[static_cast<std::size_t>(value)].size() * 4; };
  [&]<int... G>(std::integer_sequence<int, G...>) {
    auto check = [&]<int g>(std::integral_constant<int, g>) {
      using Group = typename P::template group<g>;
      const FusedGroup& group = P::grouping.groups[static_cast<std::size_t>(g)];
      const detail::GroupPlace& at = P::memory.groups[static_cast<std::size_t>(g)];
      const Requirements r = P::backend::template requirements<Group>();
      const bool trains = P::mode == Mode::training && g >= P::memory.first_backward;
      const int forward = 1 + g, backward = loss + P::groups - g;
      auto alive = [&](Buffer::Kind kind, int owner, std::int64_t offset, int step, std::int64_t size) {
        BOOST_TEST(is_alive(all, kind, owner, offset, step, size), "group " << g << " misses kind "
                                                                            << static_cast<int>(kind) << " of " << owner
                                                                            << " at step " << step);
      };
      using Kind = Buffer::Kind;
      alive(Kind::value, group.input, at.input, forward, bytes(group.input));
      alive(Kind::value, group.output, at.output, forward, bytes(group.output));
      if (r.forward_per_sample) alive(Kind::scratch, g, at.forward_scratch, forward, r.forward_per_sample);
      BOOST_TEST(P::memory.fixed >= r.fixed);
      BOOST_TEST(P::memory.per_thread >= r.per_thread);
      if (!trains) return;
      if (Group::reads_input) alive(Kind::value, group.input, at.input, backward, bytes(group.input));
      if (Group::reads_output) alive(Kind::value, group.output, at.output, backward, bytes(group.output));
      alive(Kind::gradient, group.output, at.output_gradient, backward, bytes(group.output));
      alive(Kind::gradient, group.output, at.output_gradient, backward - 1, bytes(group.output));  // its maker
      if (g > P::memory.first_backward)
        alive(Kind::gradient, group.input, at.input_gradient, backward, bytes(group.input));
      const std::int64_t scratch =
          r.backward_per_sample + (g > P::memory.first_backward ? r.input_gradient_per_sample : 0);
      if (scratch > 0) alive(Kind::scratch, g, at.backward_scratch, backward, scratch);
      for (const int step : {forward, backward}) {
        if (r.kept_per_sample) alive(Kind::kept, g, at.kept, step, r.kept_per_sample);
        for (int v = 1; v < Group::size; ++v)
          if (Group::stores(v))
            alive(Kind::saved, group.first + v, P::memory.saved[static_cast<std::size_t>(group.first + v)], step,
                  bytes(group.first + v));
      }
      if (r.kept_fixed) BOOST_TEST(at.kept_fixed + r.kept_fixed <= P::memory.kept_fixed);
    };
    (check(std::integral_constant<int, G>{}), ...);
  }
  (std::make_integer_sequence<int, P::groups>{});
  alive_result<P>(all, loss);
}

template <class Net, Mode M>
void check_plan(double most_waste) {
  using P = Plan<Net, M, Cpu<>, LossOnLogits>;
  const Buffers all = buffers<P>();
  check_places(all, P::memory.steps, P::memory.per_sample);
  const std::int64_t least = least_height(all, P::memory.steps);
  BOOST_TEST(static_cast<double>(P::memory.per_sample) <= most_waste * static_cast<double>(least),
             to_string(Net::input_shape) << " mode " << static_cast<int>(M) << ": " << P::memory.per_sample
                                         << " bytes a sample where " << least << " are alive at once");
}

template <class Net>
void check_network() {
  check_plan<Net, Mode::training>(1.1);
  check_plan<Net, Mode::inference>(1.1);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(memory)

BOOST_AUTO_TEST_CASE(buffers_that_are_alive_together_do_not_overlap) {
  check_network<R1>();
  check_network<R5>();
  check_network<R8>();
}

BOOST_AUTO_TEST_CASE(everything_lives_as_long_as_it_is_read) {
  check_lifetimes<Plan<R1, Mode::training, Cpu<>, LossOnLogits>>();
  check_lifetimes<Plan<R5, Mode::training, Cpu<>, LossOnLogits>>();
  check_lifetimes<Plan<R8, Mode::training, Cpu<>, LossOnLogits>>();
  check_lifetimes<Plan<R5, Mode::training, Cpu<>>>();  // ends in its softmax
  check_lifetimes<Plan<R1, Mode::inference, Cpu<>>>();
  check_lifetimes<Plan<R5, Mode::inference, Cpu<>>>();
  using NothingToTrainAtFirst = Network<Seq<MaxPool<2>, ReLU, AvgPool<2>, Conv<3, 3>, MaxPool<2>>, Input<28, 28, 2>>;
  check_lifetimes<Plan<NothingToTrainAtFirst, Mode::training, Cpu<>, LossOnLogits>>();
}

BOOST_AUTO_TEST_CASE(four_hundred_layers) {
  check_network<DeepRepeated>();
  check_network<DeepWritten>();
  using P = Plan<DeepRepeated, Mode::inference, Cpu<>>;
  BOOST_TEST(P::memory.per_sample < 4 * 6 * 6 * 4 * 4);  // whatever its depth, inference holds two values at a time
}

BOOST_AUTO_TEST_SUITE_END()
