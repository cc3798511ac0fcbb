// check_producer: a convolution or a dense layer and what rides on it, on CUDA's kernels, against the reference.
#pragma once

#include <cuda/producer_run.hpp>
#include <layers/check_group.hpp>

#include <algorithm>
#include <cmath>
#include <initializer_list>

namespace cuda_test {

using layer_test::Numbers;

/// |got - want| / |want|, norms over the whole tensor. NaN where anything is.
inline double relative_error(const std::vector<float>& got, const reference::Tensor& want) {
  double error = 0, norm = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double d = static_cast<double>(got[i]) - want.value[i];
    error += d * d;
    norm += want.value[i] * want.value[i];
  }
  return norm > 0 ? std::sqrt(error / norm) : error;
}

/// Everything that a step of a group makes.
struct Results {
  std::vector<std::string> names;
  std::vector<std::vector<float>> values;

  void add(std::string name, std::vector<float> value) {
    names.push_back(std::move(name));
    values.push_back(std::move(value));
  }
};

/// How a group is to be run and judged.
struct Check {
  Numbers numbers;
  double tolerance;  ///< of the precision; integers are exact
  bool backward;
};

/// The numbers that a group is given, and what the reference makes of them.
struct Expected {
  reference::Tensor x, dy;
  std::vector<reference::Tensor> parameters, results;

  Expected(const Group& group, const layer_test::References& layers, int batch, const Check& check) {
    layer_test::Source source(static_cast<unsigned>(batch) * 977 + static_cast<unsigned>(group.shapes.front().size()));
    x = layer_test::batch_of(group.shapes.front(), batch);
    source.fill(x, check.numbers);
    for (const auto& layer : layers)
      for (reference::Tensor& p : layer->parameters) {
        source.fill_parameter(p, group.tensors[parameters.size()].name, check.numbers);
        parameters.push_back(p);
      }
    reference::Tensor y = x;
    for (const auto& layer : layers) y = layer->forward(y);
    results.push_back(y);
    if (!check.backward) return;
    dy = y.like();
    source.fill(dy, check.numbers);
    reference::Tensor dx = dy;
    for (std::size_t l = layers.size(); l-- > 0;) dx = layers[l]->backward(dx);
    results.push_back(dx);
    for (const auto& layer : layers)
      for (const reference::Tensor& g : layer->gradients) results.push_back(g);
  }
};

inline Results run_once(const Group& group, const Expected& expected, int batch, bool backward,
                        bool input_gradient = true) {
  Run run(group, batch);
  run.set_input(expected.x);
  for (std::size_t t = 0; t < expected.parameters.size(); ++t) run.set_parameter(t, expected.parameters[t]);
  run.forward();
  Results results;
  results.add("output", run.output());
  if (!backward) return results;
  run.backward(expected.dy, input_gradient);
  if (input_gradient) results.add("input gradient", run.input_gradient());
  for (std::size_t t = 0; t < group.tensors.size(); ++t)
    results.add(std::string("gradient of ") + group.tensors[t].name, run.gradient(t));
  return results;
}

/// How far off numbers may be: a few of them by more than many. (A single product in tf32 by 2^-10, not by 3e-4.)
inline double bound(double tolerance, const reference::Tensor& want) {
  const auto zeros = std::count(want.value.begin(), want.value.end(), 0.0);
  return tolerance * (1 + 4 / std::sqrt(static_cast<double>(want.size()) - static_cast<double>(zeros)));
}

/// Runs a group in `schedules` of the three, which must agree bit by bit; races are looked for in the first.
inline void check_run(const Group& group, const layer_test::References& layers, int batch, const Check& check,
                      std::size_t schedules, bool find_races) {
  BOOST_TEST_CONTEXT(group.name << ", batch " << batch << (check.numbers == Numbers::integer ? ", integers" : "")) {
    const Expected expected(group, layers, batch, check);
    Results first;
    for (std::size_t s = 0; s < schedules; ++s) {
      const simt::Machine machine({.schedule = simt::three_schedules[s], .find_races = find_races && s == 0});
      Results results = run_once(group, expected, batch, check.backward);
      if (s > 0) {
        for (std::size_t i = 0; i < results.values.size(); ++i)
          BOOST_TEST(layer_test::same_bits(results.values[i], first.values[i]),
                     results.names[i] << " depends on the schedule");
        continue;
      }
      first = std::move(results);
      for (std::size_t i = 0; i < first.values.size(); ++i) {
        if (check.numbers == Numbers::integer) {
          layer_test::compare(first.names[i].c_str(), first.values[i], expected.results[i], Numbers::integer);
          continue;
        }
        BOOST_REQUIRE_EQUAL(first.values[i].size(), expected.results[i].size());
        const double error = relative_error(first.values[i], expected.results[i]);
        BOOST_TEST_MESSAGE(first.names[i] << " off by " << error);
        BOOST_TEST(error <= bound(check.tolerance, expected.results[i]), first.names[i] << " is off by " << error);
      }
    }
  }
}

enum class Races { find, ignore };

/// A training step of a group in precision P: output and all gradients, on random numbers in three schedules and on
/// integers in one. (Behind a rectifier the gradients of random numbers say nothing: rounding decides signs.)
template <class P, class In, class... Ops>
void check_producer(std::initializer_list<int> batches = {1, 3}, Races races = Races::find) {
  const Group group = group_of<P, strata::Mode::training, In, Ops...>();
  const layer_test::Position first{Run::key, Run::step, Run::layer, strata::Mode::training};
  for (const int batch : batches) {
    check_run(group, layer_test::references<In, Ops...>(first), batch,
              {Numbers::real, P::tolerance, sizeof...(Ops) == 1}, 3, races == Races::find);
    if ((layer_test::reference_of<Ops>::is_exact && ...))
      check_run(group, layer_test::references<In, Ops...>(first), batch, {Numbers::integer, 0, true}, 1,
                races == Races::find && sizeof...(Ops) > 1);
  }
}

/// Inference of a group: output.
template <class P, class In, class... Ops>
void check_inference(std::initializer_list<int> batches = {1, 3}) {
  const Group group = group_of<P, strata::Mode::inference, In, Ops...>();
  const layer_test::Position first{Run::key, Run::step, Run::layer, strata::Mode::inference};
  for (const int batch : batches)
    check_run(group, layer_test::references<In, Ops...>(first), batch, {Numbers::real, P::tolerance, false}, 1, false);
}

/// Runs one step of a group, for who counts its traffic.
template <class P, class In, class... Ops>
void run_step([[maybe_unused]] int batch, [[maybe_unused]] bool input_gradient) {
  if constexpr (simt::is_simulated) {
    const Group group = group_of<P, strata::Mode::training, In, Ops...>();
    const layer_test::Position first{Run::key, Run::step, Run::layer, strata::Mode::training};
    const simt::Machine machine({.find_races = false});
    run_once(group, Expected(group, layer_test::references<In, Ops...>(first), batch, {Numbers::integer, 0, true}),
             batch, true, input_gradient);
  }
}

}  // namespace cuda_test
