// check_group: layers that fuse into one group, forward and backward, against their references.
#pragma once

#include <layers/group_run.hpp>
#include <layers/reference_of.hpp>

#include <initializer_list>
#include <memory>
#include <span>

namespace layer_test {

/// The references of a chain of layers.
using References = std::vector<std::unique_ptr<reference::Layer>>;

template <class In, class... Ops>
References references(const Position& first) {
  References all;
  Shape shape = In::shape;
  Position at = first;
  ((all.push_back(reference_of<Ops>::make(shape, at)), shape = Ops::output(shape).shape, ++at.layer), ...);
  return all;
}

inline reference::Tensor batch_of(Shape s, int batch) { return {batch, s.height, s.width, s.channels}; }

/// Threads of a test: one for one sample, else two.
inline strata::cpu::Pool& pool_for(int batch) {
  static strata::cpu::Pool one(1), two(2);
  return batch == 1 ? one : two;
}

/// Everything that a group makes in a step.
using Results = std::vector<std::vector<float>>;

/// Runs a group on random numbers and compares everything it makes. `layers` is moved through a step.
template <class Args, class Run>
Results check_run(const GroupOf<Args>& group, Run& run, const References& layers, int batch, Numbers numbers) {
  Results results;
  BOOST_TEST_CONTEXT(group.name << ", batch " << batch << (numbers == Numbers::integer ? ", integers" : "")) {
    Source source(static_cast<unsigned>(batch) * 977 + static_cast<unsigned>(group.shapes.front().size()));
    reference::Tensor x = batch_of(group.shapes.front(), batch);
    source.fill(x, numbers);
    run.set_input(x);
    std::size_t t = 0;
    for (const auto& layer : layers)
      for (reference::Tensor& p : layer->parameters) {
        BOOST_REQUIRE_EQUAL(static_cast<std::int64_t>(p.size()), group.tensors[t].size());
        source.fill_parameter(p, group.tensors[t].name, numbers);
        run.set_parameter(t++, p);
      }
    BOOST_REQUIRE_EQUAL(t, group.tensors.size());

    reference::Tensor y = x;
    for (const auto& layer : layers) y = layer->forward(y);
    run.forward(group.mode == strata::Mode::training);
    const std::vector<float> output = run.output();
    results.push_back(output);
    compare("output", output, y, numbers);
    t = 0;
    for (const auto& layer : layers)
      for (const reference::Tensor& p : layer->parameters) {
        if (!group.tensors[t].trainable) {
          results.push_back(run.parameter(t));
          compare(group.tensors[t].name, results.back(), p, numbers);
        }
        ++t;
      }

    if (group.mode == strata::Mode::training) {
      reference::Tensor dy = y.like();
      source.fill(dy, numbers);
      reference::Tensor dx = dy;
      for (std::size_t l = layers.size(); l-- > 0;) dx = layers[l]->backward(dx);
      run.backward(dy, true);
      BOOST_TEST(run.intact(), "something was written out of place");
      results.push_back(run.input_gradient());
      compare("input gradient", results.back(), dx, numbers);
      Results gradients;
      t = 0;
      for (const auto& layer : layers)
        for (const reference::Tensor& g : layer->gradients) {
          if (group.tensors[t].trainable)
            compare((std::string("gradient of ") + group.tensors[t].name).c_str(),
                    gradients.emplace_back(run.gradient(t)), g, numbers);
          ++t;
        }

      run.backward(dy, false);
      t = 0;
      for (std::size_t i = 0, k = 0; i < group.tensors.size(); ++i)
        if (group.tensors[i].trainable)
          BOOST_TEST(same_bits(run.gradient(i), gradients[k++]), "gradients depend on whether the input's is wanted");
      results.insert(results.end(), gradients.begin(), gradients.end());
      run.forward(false);
      BOOST_TEST(same_bits(run.output(), output), "the output depends on whether anything is kept");
    }
    BOOST_TEST(run.intact(), "something was written out of place");
  }
  return results;
}

/// Checks a group against the layers that `make` makes; small integers too, where those are exact on them. A template,
/// so that compiled_once.hpp can tell who compiles it.
template <class Run>
void check_batches(const Group& group, std::initializer_list<int> batches, bool is_exact,
                   References (*make)(const Position&)) {
  const Position first{Run::key, Run::step, Run::layer, group.mode};
  for (const int batch : batches)
    for (const Numbers numbers : {Numbers::real, Numbers::integer}) {
      if (numbers == Numbers::integer && !is_exact) continue;
      Run run(group, batch, pool_for(batch));
      check_run(group, run, make(first), batch, numbers);
    }
}

/// Checks the group that `Ops` make behind a value of shape `In` (an Image or a Vector), in one mode.
template <strata::Mode M, class In, class... Ops>
void check_mode(std::initializer_list<int> batches) {
  check_batches<GroupRun>(group_values<strata::GroupSpec<strata::Cpu<>, M, In, Ops...>>::make(), batches,
                          (reference_of<Ops>::is_exact && ...), &references<In, Ops...>);
}

/// A training step of a group: output, state, gradients of the input and of the parameters.
template <class In, class... Ops>
void check_group(std::initializer_list<int> batches = {1, 3}) {
  check_mode<strata::Mode::training, In, Ops...>(batches);
}

/// Inference of a group: output.
template <class In, class... Ops>
void check_inference(std::initializer_list<int> batches = {1, 3}) {
  check_mode<strata::Mode::inference, In, Ops...>(batches);
}

}  // namespace layer_test

#include <layers/compiled_once.hpp>
