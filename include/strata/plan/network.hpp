// Network: a written architecture and its input, checked, with every number that follows from them.
#pragma once

#include <strata/core/backend.hpp>
#include <strata/core/input.hpp>
#include <strata/plan/parameters.hpp>
#include <strata/plan/plan.hpp>
#include <strata/plan/resolve.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace strata {
namespace detail {

/// The one place where a wrong network is reported. Compilers print this class's arguments with the failed assertion,
/// and nvcc prints nothing else, so they are the message: the place, the layer, the reason, the shape it was given.
template <bool Valid, class Where, class LayerAtFault, auto Reason, class Given>
struct wrong_network {
  static_assert(Valid, "strata: this network cannot be built; the type above names the place, the layer, the reason and the input");
};

template <class Where, class LayerAtFault, auto Reason, class Given>
struct wrong_network<true, Where, LayerAtFault, Reason, Given> {};

/// The reason as an enumerator: of the layer's own `error`, of an option's, or of network_error.
template <class Resolved, class Leaves>
constexpr auto reason() {
  constexpr auto r = Resolved::value;
  if constexpr (r.failed < 0 || r.fault == Fault::of_network)
    return static_cast<network_error>(r.reason);
  else if constexpr (r.fault == Fault::of_option)
    return static_cast<typename type_at<r.failed, Leaves>::option_check::error>(r.reason);
  else
    return static_cast<typename type_at<r.failed, Leaves>::error>(r.reason);
}

template <class Net, class Resolved>
struct fault_of {
  static constexpr auto r = Resolved::value;
  static constexpr auto at = [] {
    if constexpr (r.failed < 0 || Resolved::size == 0)
      return type_list<Net, Place<>>{};
    else
      return typename node<Net>::template written<r.failed>{};
  };
  using written = decltype(at());
  using given = shape_type_t<r.shapes[static_cast<std::size_t>(r.failed < 0 ? 0 : r.failed)]>;
};

/// Checks the input first and then the layers; the base of every Network.
template <class Net, class In>
struct check_network {
  static constexpr Verdict input = In::output();
  using resolved = resolve<Net, input ? input.shape : Shape::vector(1)>;
  using fault = fault_of<Net, resolved>;
  static constexpr bool valid = input && resolved::value.failed < 0;

  using report = std::conditional_t<
      bool(input),
      wrong_network<(!input || valid), type_at<1, typename fault::written>, type_at<0, typename fault::written>,
                    reason<resolved, leaves<Net>>(), typename fault::given>,
      wrong_network<bool(input), Place<0>, In, static_cast<typename In::error>(input.reason), void>>;
};

}  // namespace detail

/// A network: the layers `Layers` (a Seq, or a type derived from one) applied to `In` (an Input).
///
/// A network that cannot be is ONE compile-time error, which names the layer's place, the layer, the rule and the shape
/// it was given. All members are constants of the type:
///
///     using Net = Network<Digits, Input<28, 28, 1>>;
///     static_assert(Net::parameter_count == 607'394);
///     static_assert(Net::training_bytes(128, Adam{}) < 64_MiB);
template <class Layers, class In>
struct Network : detail::check_network<Layers, In>::report {
 private:
  using check = detail::check_network<Layers, In>;

 public:
  using layers = Layers;
  using input = In;

  /// False where the network is wrong; then every number below is that of an empty network.
  static constexpr bool valid = check::valid;

  using operations = std::conditional_t<valid, detail::leaves<Layers>, detail::type_list<>>;
  using resolution_type =
      std::conditional_t<valid, typename check::resolved, detail::resolve<Seq<>, Shape::vector(1)>>;

  /// Shapes and operations, see plan/resolve.hpp.
  static constexpr auto resolution = resolution_type::value;

  /// Every parameter's place, see plan/parameters.hpp.
  static constexpr auto parameters =
      detail::plan_parameters<detail::count_tensors(resolution)>(resolution);

  /// The shape of one input sample.
  static constexpr Shape input_shape = resolution.shapes[0];

  /// The shape of one sample's output.
  static constexpr Shape output = resolution.shapes[static_cast<std::size_t>(resolution_type::size)];

  /// Number of layers as written, an activation given as an option not counted.
  static constexpr int layer_count = valid ? detail::node<Layers>::layers : 0;

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
    requires(I >= 0 && (I < layer_count || !valid))
  static constexpr std::int64_t parameter_count_at = count_at(I);

  /// Operations of one sample's forward pass; a multiply-add counts two, and only products count.
  static constexpr std::int64_t flops = [] {
    std::int64_t n = 0;
    for (std::size_t k = 0; k < resolution.operations.size(); ++k)
      if (valid) n += flops_of(k);
    return n;
  }();

  /// Operations of one sample's training step: forward, the gradient of the parameters, and the gradient of the inputs
  /// behind the first layer that has parameters to train.
  static constexpr std::int64_t training_flops = [] {
    std::int64_t n = flops;
    bool trained = false;
    for (std::size_t k = 0; valid && k < resolution.operations.size(); ++k) {
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
  static constexpr int groups = Plan<Network, M, Backend, LossOnLogits>::groups;

  /// Bytes of weights and workspace for predicting `batch` samples at once with `threads` threads.
  template <class Backend = Cpu<>>
  static constexpr std::size_t inference_bytes(int batch, int threads = 1) {
    if constexpr (!valid)
      return 0;
    else
      return static_cast<std::size_t>(parameters.floats) * 4 +
             Plan<Network, Mode::inference, Backend>::workspace_bytes(batch, threads);
  }

  /// Bytes of weights, gradients, the optimizer's state and workspace for a training step on `batch` samples, under a
  /// loss that takes logits.
  template <class Backend = Cpu<>, class Optimizer>
  static constexpr std::size_t training_bytes(int batch, const Optimizer& optimizer, int threads = 1) {
    if constexpr (!valid)
      return 0;
    else
      return static_cast<std::size_t>(parameters.floats +
                                      parameters.trainable_floats * (1 + optimizer.state_slots())) * 4 +
             Plan<Network, Mode::training, Backend, LossOnLogits>::workspace_bytes(batch, threads);
  }

  /// The largest batch whose training step fits into `bytes`; 0 where not even one sample does.
  template <class Backend = Cpu<>, class Optimizer>
  static constexpr int max_batch(std::size_t bytes, const Optimizer& optimizer, int threads = 1) {
    if constexpr (!valid) {
      return 0;
    } else {
      const std::size_t none = training_bytes<Backend>(0, optimizer, threads);
      const std::size_t each = training_bytes<Backend>(1, optimizer, threads) - none;
      return bytes < none ? 0 : static_cast<int>((bytes - none) / each);
    }
  }
};

}  // namespace strata
