// The words in which a layer describes itself to the plan: mode, role, what backward keeps, parameters, attributes.
#pragma once

#include <strata/core/shape.hpp>
#include <strata/core/verdict.hpp>

#include <array>
#include <concepts>
#include <cstdint>
#include <type_traits>

namespace strata {

/// What a plan is made for: a training step, or prediction.
enum class Mode { training, inference };

/// How a layer takes part in fusion. The plan knows roles and never layers.
enum class Role {
  producer,     ///< begins a group: makes new values from a whole sample or a whole batch (Conv, Dense)
  elementwise,  ///< one value in, one value out, at the same place (ReLU, Dropout)
  reduction,    ///< many values of one channel in, one out (pooling); at most one in a group
  reshape,      ///< another shape for the same bytes (Flatten); costs nothing
  identity,     ///< does nothing in this mode (Dropout in inference); costs nothing
  normaliser  ///< a whole vector in, (log-)probabilities out (Softmax); a loss on logits makes it vanish from training
};

/// What backward needs from forward, besides the gradient. The plan keeps this and no more.
enum class Saves { nothing, input, output };

/// How a parameter gets its first values. Uniform and normal draws come from Philox, keyed by the model's seed.
struct Initializer {
  enum class Kind {
    zeros,
    ones,
    glorot_uniform,  ///< uniform(-l, l), l = sqrt(6 / (fan_in + fan_out)); Glorot and Bengio 2010; Keras' default
    he_normal,       ///< normal(0, sqrt(2 / fan_in)), truncated at two standard deviations; He et al. 2015, as Keras
    he_uniform,      ///< uniform(-l, l), l = sqrt(6 / fan_in); He et al. 2015
    torch_uniform,   ///< uniform(-l, l), l = 1 / sqrt(fan_in); PyTorch's default, of kernels and biases
    uniform          ///< uniform(-limit, limit)
  };
  Kind kind = Kind::zeros;
  double limit = 0;  ///< for `uniform` only
};

/// One tensor of a layer's parameters or state.
struct Parameter {
  const char* name = "";         ///< as in files: "kernel", "bias", "gamma"
  std::array<int, 4> extents{};  ///< the tensor's axes; a convolution's kernel is height, width, in, out
  int rank = 0;                  ///< how many of the extents count
  Initializer initializer{};
  std::int64_t fan_in = 0;   ///< inputs that one output sums over
  std::int64_t fan_out = 0;  ///< outputs that one input takes part in
  bool trainable = true;     ///< false for state that no gradient moves, such as running averages
  bool decay = false;        ///< true where weight decay is meant to act (kernels, never biases)

  /// Number of elements.
  constexpr std::int64_t size() const {
    std::int64_t n = 1;
    for (int i = 0; i < rank; ++i) n *= extents[static_cast<std::size_t>(i)];
    return n;
  }
};

/// A number that tells two layers of the same kind apart: filters 28, stride 2. Summaries and files print it.
struct Attribute {
  const char* name = "";
  std::int64_t value = 0;
};

/// What every layer can be asked. `layers/layer.hpp` tells how to write one and gives bases with the defaults.
template <class L>
concept Layer = requires(Shape in) {
  typename L::error;
  requires std::is_enum_v<typename L::error>;
  { L::output(in) } -> std::same_as<Verdict>;
  { L::role(Mode::training) } -> std::same_as<Role>;
  { L::flops(in) } -> std::convertible_to<std::int64_t>;
  { L::saves } -> std::convertible_to<Saves>;
  { L::name } -> std::convertible_to<const char*>;
  L::parameters(in).size();
  L::attributes().size();
};

}  // namespace strata
