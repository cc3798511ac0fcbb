// check_network: a whole network's training step and prediction, as the executor runs them, against the references.
#pragma once

#include <strata/cpu/executor.hpp>
#include <strata/plan/network.hpp>

#include <layers/check_group.hpp>

namespace layer_test {

template <class List>
struct operations_of;

template <class... Ops>
struct operations_of<strata::detail::type_list<Ops...>> {
  template <class In>
  static References make(const Position& first) {
    return references<In, Ops...>(first);
  }
};

/// What a step leaves: the result, the gradients of the trainable arena, the parameters.
struct Step {
  std::vector<float> result, gradients, arena;

  friend bool operator==(const Step& a, const Step& b) {
    return same_bits(a.result, b.result) && same_bits(a.gradients, b.gradients) && same_bits(a.arena, b.arena);
  }
};

/// One network with its executor and numbers.
template <class Net, strata::Mode M = strata::Mode::training>
class NetworkRun {
 public:
  using Plan = strata::Plan<Net, M, strata::Cpu<>, strata::LossOnLogits>;
  static constexpr auto& segments = Net::parameters.segments;
  static constexpr std::uint32_t step = 3;
  static constexpr strata::philox::Key key{42};

  explicit NetworkRun(int batch, unsigned seed = 1)
      : batch_(batch),
        layers_(operations_of<typename Net::operations>::template make<strata::detail::shape_type_t<Net::input_shape>>(
            Position{key, step, 0, M})) {
    layers_.resize(static_cast<std::size_t>(Plan::operations));
    Source source(seed);
    x_ = batch_of(Net::input_shape, batch);
    source.fill(x_, Numbers::real);
    std::size_t t = 0;
    for (auto& layer : layers_)
      for (reference::Tensor& p : layer->parameters) {
        source.fill_parameter(p, segments[t++].parameter.name, Numbers::real);
        if (p.extents[0] * p.extents[1] * p.extents[2] > 1)  // kernels: keep the values of deep networks near 1
          for (std::size_t i = 0; i < p.size(); ++i)
            p.set(i, static_cast<double>(static_cast<float>(
                         p.value[i] * std::sqrt(3.0 * p.extents[3] / static_cast<double>(p.size())))));
      }
    dy_ = batch_of(Plan::result_shape, batch);
    source.fill(dy_, Numbers::real);
    first_ = parameters();
  }

  /// One step; in inference forward alone. `repeats` steps run on one workspace and leave what the last one does. The
  /// step takes the first `batch` samples, 0 for all.
  Step run(int threads, int repeats = 1, int batch = 0) const {
    if (batch == 0) batch = batch_;
    strata::cpu::Pool pool(threads);
    strata::cpu::Executor<Plan> executor(pool, batch_ + 2);  // room for more than this batch
    strata::AlignedBuffer arena(static_cast<std::size_t>(Net::parameters.floats) * 4 + 64);
    strata::AlignedBuffer gradients(static_cast<std::size_t>(Net::parameters.trainable_floats) * 4 + 64);
    Step left;
    for (int r = 0; r < repeats; ++r) {
      std::copy(first_.begin(), first_.end(), arena.floats());
      scatter(x_, batch, executor.input(batch), executor.input_stride);
      executor.forward(arena.floats(), batch, key, step);
      left.result.clear();
      for (int n = 0; n < batch; ++n) {
        const float* from = executor.result(batch) + n * executor.result_stride;
        left.result.insert(left.result.end(), from, from + Plan::result_shape.size());
      }
      if constexpr (M == strata::Mode::training) {
        if (executor.result_gradient(batch) == nullptr) continue;  // nothing to train
        scatter(dy_, batch, executor.result_gradient(batch), executor.result_stride);
        executor.backward(arena.floats(), gradients.floats(), batch, key, step);
      }
    }
    left.gradients.assign(gradients.floats(), gradients.floats() + Net::parameters.trainable_floats);
    left.arena.assign(arena.floats(), arena.floats() + Net::parameters.floats);
    return left;
  }

  /// Compares what a step left with the references.
  void check(const Step& left) {
    reference::Tensor y = x_;
    for (auto& layer : layers_) y = layer->forward(y);
    compare("output", left.result, y, Numbers::real);
    if constexpr (M == strata::Mode::training) {
      reference::Tensor dx = dy_;
      for (std::size_t l = layers_.size(); l-- > 0;) dx = layers_[l]->backward(dx);
    }
    std::size_t t = 0;
    for (auto& layer : layers_)
      for (std::size_t p = 0; p < layer->parameters.size(); ++p, ++t) {
        const bool trainable = segments[t].parameter.trainable;
        if (trainable && M == strata::Mode::inference) continue;
        const std::vector<float>& arena = trainable ? left.gradients : left.arena;
        const auto begin = arena.begin() + segments[t].offset;
        compare(segments[t].parameter.name, {begin, begin + segments[t].parameter.size()},
                trainable ? layer->gradients[p] : layer->parameters[p], Numbers::real);
      }
  }

 private:
  int batch_;
  References layers_;
  reference::Tensor x_, dy_;
  std::vector<float> first_;

  static void scatter(const reference::Tensor& x, int batch, float* to, std::int64_t stride) {
    const std::size_t size = x.size() / static_cast<std::size_t>(x.batch());
    for (std::size_t i = 0; i < size * static_cast<std::size_t>(batch); ++i)
      to[i / size * static_cast<std::size_t>(stride) + i % size] = static_cast<float>(x.value[i]);
  }

  std::vector<float> parameters() const {
    std::vector<float> arena(static_cast<std::size_t>(Net::parameters.floats));
    std::size_t t = 0;
    for (auto& layer : layers_)
      for (const reference::Tensor& p : layer->parameters) {
        for (std::size_t i = 0; i < p.size(); ++i)
          arena[static_cast<std::size_t>(segments[t].offset) + i] = static_cast<float>(p.value[i]);
        ++t;
      }
    return arena;
  }
};

/// Checks a training step of a network.
template <class In, class... Layers>
void check_network(int batch = 3) {
  NetworkRun<strata::Network<strata::Seq<Layers...>, In>> training(batch);
  const Step left = training.run(1);
  training.check(left);
  BOOST_TEST((training.run(1, 2) == left), "a used workspace gives another result than a fresh one");
}

/// Checks a prediction of a network, its closing softmax left out.
template <class In, class... Layers>
void check_prediction(int batch = 3) {
  NetworkRun<strata::Network<strata::Seq<Layers...>, In>, strata::Mode::inference> inference(batch);
  inference.check(inference.run(2));
}

}  // namespace layer_test
