// check_cuda_group: the twin of check_group, on the machine that runs CUDA's kernels without a GPU.
//
//     check_cuda_group<Image<5, 7, 3>, ReLU, MaxPool<2>>({1, 3});       // a training step
//     check_cuda_inference<Image<5, 7, 3>, MaxPool<2>>();
//     check_cuda_products<Tf32, Image<9, 9, 3>, Conv<10, 3>, ReLU>();   // a training step in a precision
//     check_cuda_products_inference<Tf32, Image<9, 9, 3>, Conv<10, 3>>();
//     check_cuda_traffic<Image<26, 26, 32>, MaxPool<2>>();
//
// A group runs in three schedules, in memory that shows reads and writes out of place: behind buffers, between tensors
// and between samples. Races are looked for in the first schedule, since whether there is one depends on no schedule.
// Output, state and gradients are held against the references; schedules must agree bit by bit.
//
// Groups without products, and products in Fp32, lie within 2^-21 of the sum of the absolute values of an element's
// terms; small integers are exact. check_cuda_products<P> is for the tests of layers with products, and takes a
// precision's own bounds: Tf32 rounds both factors of a product to 11 bits, so an element may be off by 2^-10 of its
// terms; and over a tensor of n random numbers the errors' norm is at most P::tolerance of the values', and the bound
// of an element / sqrt(n) more. Behind a rectifier Tf32 leaves the sign of a value in a hundred undecided, and each is
// a term of many gradients: a fifth of a tensor may stay unjudged. Small integers are exact there too, and judge all.
#pragma once

#include <simt/accesses.hpp>
#include <simt/simt.hpp>
#include <strata/cuda/backend.cuh>

#include <layers/check_group.hpp>

#include <strata/layers/avg_pool/cuda.cuh>
#include <strata/layers/batch_norm/cuda.cuh>
#include <strata/layers/max_pool/cuda.cuh>
#include <strata/layers/softmax/cuda.cuh>

#include <utility>

namespace layer_test {

using CudaGroup = GroupOf<strata::cuda::GroupArgs>;

template <strata::Precision P>
struct kernels_on<strata::Cuda<P>> {
  using Args = strata::cuda::GroupArgs;
  template <class G>
  using of = typename strata::cuda::kernel_of<G>::type;
};

/// A group on the machine.
class CudaRun : public GroupMemory<strata::cuda::GroupArgs> {
 public:
  CudaRun(const CudaGroup& group, int batch) : GroupMemory(group, batch), step_(1, step) { args_.step = step_.data(); }

  /// True while nobody wrote behind a buffer, or between samples or tensors.
  bool intact() const { return GroupMemory::intact() && gaps_intact(); }

 private:
  simt::Global<std::uint32_t> step_;
};

/// The bounds of precision P while it lives.
template <class P>
class Bounds {
 public:
  Bounds()
      : precision_(std::exchange(reference::precision, std::is_same_v<P, strata::Tf32> ? 0x1p-10 : 0x1p-21)),
        norm_(std::exchange(reference::norm_precision, P::tolerance)),
        undecided_(std::exchange(reference::undecided_share, std::is_same_v<P, strata::Tf32> ? 0.2 : 0.04)) {}
  ~Bounds() {
    reference::precision = precision_;
    reference::norm_precision = norm_;
    reference::undecided_share = undecided_;
  }
  Bounds(const Bounds&) = delete;
  Bounds& operator=(const Bounds&) = delete;

 private:
  double precision_, norm_, undecided_;
};

/// Checks a group in three schedules against the layers that `make` makes.
template <class Run>
void check_schedules(const CudaGroup& group, std::initializer_list<int> batches, bool is_exact,
                     References (*make)(const Position&)) {
  const Position first{Run::key, Run::step, Run::layer, group.mode};
  const auto check = [&](std::size_t schedule, int batch, Numbers numbers) {
    const simt::Machine machine(
        {.schedule = simt::three_schedules[schedule], .find_races = schedule == 0 && numbers == Numbers::real});
    Run run(group, batch);
    return check_run(group, run, make(first), batch, numbers);
  };
  for (const int batch : batches) {
    const Results results = check(0, batch, Numbers::real);
    for (std::size_t s = 1; s < simt::three_schedules.size(); ++s) {
      const Results again = check(s, batch, Numbers::real);
      BOOST_TEST(std::equal(results.begin(), results.end(), again.begin(), again.end(), same_bits),
                 group.name << ", batch " << batch << ": results depend on the order in which threads run");
    }
    if (is_exact) check(0, batch, Numbers::integer);
  }
}

/// Checks the group that `Ops` make behind a value of shape `In`, in one mode.
template <class P, strata::Mode M, class In, class... Ops>
void check_cuda_mode(std::initializer_list<int> batches) {
  CudaGroup group = group_values<strata::GroupSpec<strata::Cuda<P>, M, In, Ops...>>::make();
  group.name = std::string(P::name) + ", " + group.name;
  check_schedules<CudaRun>(group, batches, (reference_of<Ops>::is_exact && ...), &references<In, Ops...>);
}

/// A training step of a group: output, state, gradients of the input and of the parameters.
template <class In, class... Ops>
void check_cuda_group(std::initializer_list<int> batches = {1, 3}) {
  check_cuda_mode<strata::Fp32, strata::Mode::training, In, Ops...>(batches);
}

/// Inference of a group: output.
template <class In, class... Ops>
void check_cuda_inference(std::initializer_list<int> batches = {1, 3}) {
  check_cuda_mode<strata::Fp32, strata::Mode::inference, In, Ops...>(batches);
}

/// A training step of a group with products in precision P.
template <class P, class In, class... Ops>
void check_cuda_products(std::initializer_list<int> batches = {1, 3}) {
  const Bounds<P> bounds;
  check_cuda_mode<P, strata::Mode::training, In, Ops...>(batches);
}

/// Inference of a group with products in precision P: output.
template <class P, class In, class... Ops>
void check_cuda_products_inference(std::initializer_list<int> batches = {1, 3}) {
  const Bounds<P> bounds;
  check_cuda_mode<P, strata::Mode::inference, In, Ops...>(batches);
}

/// The traffic of a group's training step.
template <class Run>
void check_traffic(const CudaGroup& group, int batch, bool input_gradient, double sectors) {
  BOOST_TEST_CONTEXT(group.name << ", batch " << batch) {
    const simt::Machine machine({.find_races = false});
    Run run(group, batch);
    Source source(1);
    reference::Tensor x = batch_of(group.shapes.front(), batch), dy = batch_of(group.shapes.back(), batch);
    source.fill(x, Numbers::real);
    source.fill(dy, Numbers::real);
    run.set_input(x);
    for (std::size_t t = 0; t < group.tensors.size(); ++t) {
      reference::Tensor p(1, 1, 1, static_cast<int>(group.tensors[t].size()));
      source.fill_parameter(p, group.tensors[t].name, Numbers::real);
      run.set_parameter(t, p);
    }
    for (const bool backward : {false, true}) {
      const simt::Traffic traffic;
      backward ? run.backward(dy, input_gradient) : run.forward(true);
      const bool moves_little = traffic.bank_conflicts() == 1 && traffic.sectors() <= sectors;
      BOOST_TEST(moves_little, (backward ? "backward, " : "forward, ")
                                   << traffic.sectors() << " sectors for one\n"
                                   << (moves_little ? "" : traffic.report()));  // a tenth of a second a line
    }
  }
}

/// A training step's traffic: no bank conflict, and at most 1.1 times the sectors that the bytes need, or `sectors`
/// times with the reason beside it. (To be skipped where accesses are not seen: simt/accesses.hpp.)
template <class In, class... Ops>
void check_cuda_traffic([[maybe_unused]] int batch = 2, [[maybe_unused]] bool input_gradient = true,
                        [[maybe_unused]] double sectors = 1.1) {
  using namespace strata;
  if constexpr (simt::is_simulated && simt::may_see_accesses)
    check_traffic<CudaRun>(group_values<GroupSpec<Cuda<Tf32>, Mode::training, In, Ops...>>::make(), batch,
                           input_gradient, sectors);
}

}  // namespace layer_test

#include <layers/compiled_once_cuda.hpp>
