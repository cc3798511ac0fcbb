// The contract of a layer, with a worked example, and the bases that supply its defaults.
//
// A layer is an empty type. It says what shape it makes, which parameters it owns, how it fuses and what backward
// needs; it holds no data and knows no backend. A whole elementwise layer, usable in any network on any backend:
//
//     struct Softsign : strata::ElementwiseLayer {                       // y = x / (1 + |x|)
//       static constexpr const char* name = "softsign";
//       static constexpr strata::Saves saves = strata::Saves::input;     // backward wants x
//
//       template <class T>
//       STRATA_HD static T forward(T x) { return x / (T{} + 1.0f + strata::absolute(x)); }
//
//       template <class T>
//       STRATA_HD static T backward(T dy, T x) {                         // dx = dy / (1 + |x|)^2
//         const T d = T{} + 1.0f + strata::absolute(x);
//         return dy / (d * d);
//       }
//     };
//
//     struct Mine : strata::Seq<strata::Dense<64>, Softsign, strata::Softmax<10>> {};
//
// T is a float, a vector of the CPU or a device's float, so the text uses operators and the functions of
// core/math.hpp (select, maximum, exponential, ...) and no `if` and no `?:` on values. A layer that asks where a value
// sits says `is_positional = true` and takes a last argument `at`; see core/element.hpp. A layer of another role adds a
// kernel for each backend beside its descriptor: `strata::cpu::kernel<L>`, see cpu/kernel.hpp.
#pragma once

#include <strata/core/config.hpp>
#include <strata/core/layer.hpp>
#include <strata/core/math.hpp>

#include <array>

namespace strata {

/// Defaults of every layer: no parameters, no attributes, nothing that can go wrong.
struct LayerDefaults {
  /// The reasons for which a shape is refused. A layer with reasons of its own declares its own `error`.
  enum class error { none };

  /// What backward needs from forward.
  static constexpr Saves saves = Saves::nothing;

  /// The tensors the layer owns for an input of this shape.
  static constexpr std::array<Parameter, 0> parameters(Shape) { return {}; }

  /// The numbers that tell this layer from others of its kind.
  static constexpr std::array<Attribute, 0> attributes() { return {}; }

  /// Operations of forward for one sample, a multiply-add counting two. Only products count, as is usual.
  static constexpr std::int64_t flops(Shape) { return 0; }
};

/// Base of layers that map each value by itself: `forward(x)` and `backward(dy, saved)`, where saved is the input, the
/// output, or absent, as `saves` says.
struct ElementwiseLayer : LayerDefaults {
  /// True when forward and backward take a last argument `at` that tells where the value sits (core/element.hpp).
  static constexpr bool is_positional = false;

  /// True when forward never decreases and passes NaN on: it then commutes with every selection by order, and a maximum
  /// is taken before it, on fewer values.
  static constexpr bool is_monotone = false;

  /// True when the layer may be an option of another one: `Dense<64, Softsign>` is `Dense<64>` and then `Softsign`.
  static constexpr bool is_activation = true;

  static constexpr Role role(Mode) { return Role::elementwise; }
  static constexpr Verdict output(Shape in) { return in; }
};

/// Base of layers that begin a fused group. They need a kernel for each backend.
struct ProducerLayer : LayerDefaults {
  static constexpr Saves saves = Saves::input;
  static constexpr Role role(Mode) { return Role::producer; }
};

/// Base of pooling layers. They need a kernel for each backend and tell it by `selects` whether each output is a copy
/// of one input (maximum) or a mixture (average), and by `window(in)` where the windows over an input lie.
struct ReductionLayer : LayerDefaults {
  static constexpr Role role(Mode) { return Role::reduction; }
};

}  // namespace strata
