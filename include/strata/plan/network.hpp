// Network: a written architecture and its input, checked, with every number that follows from them.
#pragma once

#include <strata/core/backend.hpp>
#include <strata/core/input.hpp>
#include <strata/plan/diagnosis.hpp>
#include <strata/plan/parameters.hpp>
#include <strata/plan/plan.hpp>
#include <strata/plan/resolve.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace strata {

/// A network that can be: what `Network` is for layers and an input that suit each other. All members are constants.
template <class Layers, class In>
struct ValidNetwork {
  using layers = Layers;
  using input = In;
  static constexpr bool valid = true;

  using operations = detail::leaves<Layers>;
  using resolution_type = detail::resolve<Layers, In::output().shape>;

  /// Shapes and operations, see plan/resolve.hpp.
  static constexpr auto resolution = resolution_type::value;

  /// Every parameter's place, see plan/parameters.hpp.
  static constexpr auto parameters = detail::plan_parameters<detail::count_tensors(resolution)>(resolution);

  /// The shape of one input sample.
  static constexpr Shape input_shape = resolution.shapes[0];

  /// The shape of one sample's output.
  static constexpr Shape output = resolution.shapes[static_cast<std::size_t>(resolution_type::size)];

  /// Number of layers as written, an activation given as an option not counted.
  static constexpr int layer_count = detail::node<Layers>::layers;

  /// Parameters and state (running averages) of the whole network.
  static constexpr std::int64_t parameter_count = parameters.count;

  /// Parameters that training changes.
  static constexpr std::int64_t trainable_count = parameters.trainable_count;

 private:
  static constexpr std::int64_t count_at(int layer) {
    std::int64_t n = 0;
    for (const Segment& s : parameters.segments)
      if (resolution.operations[static_cast<std::size_t>(s.operation)].layer == layer) n += s.parameter.size();
    return n;
  }

  static constexpr std::int64_t flops_of(std::size_t k) {
    return resolution.operations[k].operation->flops(
        resolution.shapes[static_cast<std::size_t>(resolution.operations[k].inputs[0])]);
  }

 public:
  /// Parameters and state of layer I as written, counted from 0.
  template <int I>
  requires(I >= 0 && I < layer_count) static constexpr std::int64_t parameter_count_at = count_at(I);

  /// Operations of one sample's forward pass; a multiply-add counts two, and only products count.
  static constexpr std::int64_t flops = [] {
    std::int64_t n = 0;
    for (std::size_t k = 0; k < resolution.operations.size(); ++k) n += flops_of(k);
    return n;
  }();

  /// Operations of one sample's training step: forward, the gradient of the parameters, and the gradient of the inputs
  /// behind the first layer that has parameters to train.
  static constexpr std::int64_t training_flops = [] {
    std::int64_t n = flops;
    bool trained = false;
    for (std::size_t k = 0; k < resolution.operations.size(); ++k) {
      bool trains = false;
      for (const Segment& s : parameters.segments)
        trains = trains || (s.operation == static_cast<int>(k) && s.parameter.trainable);
      n += flops_of(k) * (trains + trained);
      trained = trained || trains;
    }
    return n;
  }();

  /// Number of fused groups that run in a mode.
  template <Mode M, class Backend = Cpu<>>
  static constexpr int groups = Plan<ValidNetwork, M, Backend, LossOnLogits>::groups;

  /// Bytes of weights and workspace for predicting `batch` samples at once with `threads` threads.
  template <class Backend = Cpu<>>
  static constexpr std::size_t inference_bytes(int batch, int threads = 1) {
    return parameters.arena_bytes() + Plan<ValidNetwork, Mode::inference, Backend>::workspace_bytes(batch, threads);
  }

  /// Bytes of weights, gradients, the optimizer's state, a copy of the running averages and workspace for a training
  /// step on `batch` samples, under a loss that takes logits.
  template <class Backend = Cpu<>, class Optimizer>
  static constexpr std::size_t training_bytes(int batch, const Optimizer& optimizer, int threads = 1) {
    return parameters.arena_bytes() + parameters.state_bytes() +
           parameters.trainable_bytes() * static_cast<std::size_t>(1 + optimizer.state_slots()) +
           Plan<ValidNetwork, Mode::training, Backend, LossOnLogits>::workspace_bytes(batch, threads);
  }

  /// The largest batch whose training step fits into `bytes`; 0 where not even one sample does.
  template <class Backend = Cpu<>, class Optimizer>
  static constexpr int max_batch(std::size_t bytes, const Optimizer& optimizer, int threads = 1) {
    const std::size_t none = training_bytes<Backend>(0, optimizer, threads);
    const std::size_t each = training_bytes<Backend>(1, optimizer, threads) - none;
    const std::size_t most = std::numeric_limits<int>::max();
    return bytes < none ? 0 : static_cast<int>(std::min(most, (bytes - none) / each));
  }
};

namespace detail {

template <class Layers, class In>
using mistake = typename decltype(diagnose<Layers, In>())::type;

}  // namespace detail

/// A network: the layers `Layers` (a Seq, or a type derived from one) applied to `In` (an Input).
///
/// A network that cannot be is ONE compile-time error, which names the layer's place, the layer, the rule and the shape
/// it was given; see network_cannot_be_built. All members are constants of the type:
///
///     using Net = Network<Digits, Input<28, 28, 1>>;
///     static_assert(Net::parameter_count == 607'394);
///     static_assert(Net::training_bytes(128, Adam{}) < 64_MiB);
template <class Layers, class In>
using Network = std::conditional_t<std::is_void_v<detail::mistake<Layers, In>>, ValidNetwork<Layers, In>,
                                   detail::mistake<Layers, In>>;

}  // namespace strata
