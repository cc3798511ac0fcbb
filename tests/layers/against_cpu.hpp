// check_against_cpu: a group on a GPU makes what it makes on the CPU, bit by bit. For layers that draw random numbers.
#pragma once

#include <layers/cuda_run.hpp>

#if !defined(__CUDACC__)  // which takes the CPU's vectors for device code
namespace layer_test {

/// The output and the input's gradient that a run makes of numbers that depend on nothing else.
template <class Run>
Results step(Run run, Shape in, int batch) {
  Source source(11);
  reference::Tensor x = batch_of(in, batch), dy = x.like();
  source.fill(x, Numbers::real);
  source.fill(dy, Numbers::real);
  run.set_input(x);
  run.forward(true);
  run.backward(dy, true);
  return {run.output(), run.input_gradient()};
}

/// Checks the group that `Layers` make in a training step.
template <class In, class... Layers>
void check_against_cpu(int batch) {
  const auto cpu = group_values<strata::GroupSpec<strata::Cpu<>, strata::Mode::training, In, Layers...>>::make();
  const auto cuda = group_values<strata::GroupSpec<strata::Cuda<>, strata::Mode::training, In, Layers...>>::make();
  const auto expected = step(GroupRun(cpu, batch, pool_for(1)), In::shape, batch);
  const auto got = step(CudaRun(cuda, batch), In::shape, batch);
  for (std::size_t i = 0; i < 2; ++i) BOOST_TEST(same_bits(got[i], expected[i]));
}

}  // namespace layer_test
#endif
