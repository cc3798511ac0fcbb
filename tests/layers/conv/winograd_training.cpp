// Conv by Winograd's tiles in training: large kernels, whose gradients go through whole batches. Images of few tiles
// share blocks.
#include <layers/check_group.hpp>

#include <algorithm>
#include <cmath>

using namespace strata;
using namespace layer_test;

namespace {

template <class Backend, class In, class... Ops>
using Spec = GroupSpec<Backend, Mode::training, In, Ops...>;
template <class G>
using KernelOf = typename cpu::kernel_of<G>::type;
template <class G>
using Forward = typename KernelOf<G>::template winograd<G>;
template <class G>
using Backward = typename KernelOf<G>::template inputs<G>;

/// F(2 x 2) against the references, exactly on integers.
template <class In, class... Ops>
void check_tiles_of_two(std::initializer_list<int> batches) {
  using G = Spec<Cpu<Convolution::winograd_2>, In, Ops...>;
  static_assert(Forward<G>::always && Backward<G>::by_winograd);
  check_batches<GroupRun>(group_values<G>::make(), batches, (reference_of<Ops>::is_exact && ...),
                          &references<In, Ops...>);
}

/// What a training step of a group makes of random numbers: output, gradients of the input and of the parameters.
template <class G>
Results step(int batch, int threads) {
  const auto group = group_values<G>::make();
  cpu::Pool pool(threads);
  GroupRun run(group, batch, pool);
  Source source(5);
  reference::Tensor x = batch_of(group.shapes.front(), batch), dy = batch_of(group.shapes.back(), batch);
  source.fill(x, Numbers::real);
  source.fill(dy, Numbers::real);
  run.set_input(x);
  for (std::size_t t = 0; t < group.tensors.size(); ++t) {
    reference::Tensor p = {1, 1, 1, static_cast<int>(group.tensors[t].size())};
    source.fill(p, Numbers::real);
    run.set_parameter(t, p);
  }
  run.forward(true);
  Results results{run.output()};
  run.backward(dy, true);
  BOOST_TEST(run.intact(), "something was written out of place");
  results.push_back(run.input_gradient());
  for (std::size_t t = 0; t < group.tensors.size(); ++t) results.push_back(run.gradient(t));
  return results;
}

/// F(4 x 4), which the estimate chooses, against the direct form; and the same bits on other numbers of threads.
template <class In, class... Ops>
void check_chosen(std::initializer_list<int> batches) {
  using G = Spec<Cpu<>, In, Ops...>;
  using Direct = Spec<Cpu<Convolution::direct>, In, Ops...>;
  static_assert(Forward<G>::always && Forward<G>::tile == 4 && Backward<G>::by_winograd &&
                Backward<G>::winograd::tile == 4);
  static_assert(!Forward<Direct>::applies && !Backward<Direct>::by_winograd);
  for (const int batch : batches) BOOST_TEST_CONTEXT(group_values<G>::make().name << ", batch " << batch) {
      const Results a = step<G>(batch, 1), b = step<Direct>(batch, 1);
      BOOST_TEST((a == step<G>(batch, 2)));
      BOOST_TEST((a == step<G>(batch, 3)));
      BOOST_TEST(a[0] != b[0]);
      BOOST_TEST(a[1] != b[1]);
      for (std::size_t i = 0; i < a.size(); ++i) {
        double worst = 0, largest = 0;
        for (std::size_t k = 0; k < a[i].size(); ++k) {
          worst = std::max(worst, std::abs(static_cast<double>(a[i][k]) - static_cast<double>(b[i][k])));
          largest = std::max(largest, std::abs(static_cast<double>(b[i][k])));
        }
        BOOST_TEST(worst <= 2e-5 * largest, i << ": " << worst / largest);  // cpu/winograd.hpp has the measured errors
      }
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(conv_winograd_training)

BOOST_AUTO_TEST_CASE(tiles_of_two) {
  check_tiles_of_two<Image<2, 2, 128>, Conv<130, 3, Same>>({1, 5});
  check_tiles_of_two<Image<5, 6, 128>, Conv<128, 3, Same, NoBias>, ReLU>({1, 7});
  check_tiles_of_two<Image<7, 5, 160>, Conv<96, 3>>({3});  // no border: the gradient has two rows of it
  check_tiles_of_two<Image<5, 4, 128>, Conv<128, 3, Pad<2, 0, 1, 2>>>({2});
  check_tiles_of_two<Image<4, 4, 128>, Conv<128, 3, Same, ReLU>, MaxPool<2>>({1, 19});
  check_tiles_of_two<Image<4, 4, 130>, Conv<128, 3, Same>, Dropout<30>>({3});  // asks for its place
}

BOOST_AUTO_TEST_CASE(tiles_of_four) {
  check_chosen<Image<8, 8, 128>, Conv<130, 3, Same>>({1, 11});
  check_chosen<Image<4, 4, 130>, Conv<128, 3, Same, ReLU>, MaxPool<2>>({2, 70});  // more than one block of images
  check_chosen<Image<17, 13, 128>, Conv<128, 3>>({2});
}

BOOST_AUTO_TEST_CASE(what_trains_so_without_being_asked) {
  // Large kernels on all images but those of one pixel; never what goes by chunks.
  using Small = Spec<Cpu<>, Image<2, 2, 512>, Conv<512, 3, Same>>;
  static_assert(Forward<Small>::always && Forward<Small>::tile == 2 && Backward<Small>::winograd::tile == 2);
  static_assert(!Forward<Spec<Cpu<>, Image<1, 1, 512>, Conv<512, 3, Same>>>::applies);
  static_assert(!Forward<Spec<Cpu<>, Image<32, 32, 64>, Conv<64, 3, Same>>>::applies);
  static_assert(Forward<Spec<Cpu<>, Image<65, 64, 64>, Conv<64, 3, Same>>>::applies);
  static_assert(!Forward<Spec<Cpu<>, Image<8, 8, 256>, Conv<256, 1>>>::applies);
  static_assert(!Forward<Spec<Cpu<>, Image<9, 9, 256>, Conv<256, 3, Stride<2>>>>::applies);
  static_assert(!Backward<Spec<Cpu<>, Image<9, 9, 256>, Conv<256, 3, Stride<2>>>>::by_winograd);
  // Groups of a batch: full blocks, or fewer images in each where threads would wait.
  constexpr cpu::WinogradPlan plan = Forward<Small>::transform::plan;
  BOOST_TEST(plan.samples == 64);
  BOOST_TEST(plan.groups(128, 1) == 2);
  BOOST_TEST(plan.groups(130, 1) == 3);
  BOOST_TEST(plan.groups(128, 16) == 16);
  BOOST_TEST(plan.groups(3, 16) == 3);
}

BOOST_AUTO_TEST_SUITE_END()
