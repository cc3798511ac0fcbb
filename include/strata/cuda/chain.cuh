// The elementwise layers of a group on one value in a register: the text that the CPU runs on vectors.
#pragma once

#include <strata/core/element.hpp>
#include <strata/cuda/kernel.hpp>
#include <strata/cuda/primitives.hpp>
#include <strata/plan/group.hpp>

#include <cstdint>
#include <type_traits>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// What device code may know of operation J of group G. (nvcc lets a kernel read constants of a type, and not call what
/// made them.)
template <class G, int J>
struct Operation {
  using type = typename G::template operation<J>;
  static constexpr bool runs = G::roles[static_cast<std::size_t>(J)] == Role::elementwise;
  static constexpr bool is_positional = strata::detail::is_positional<type>;
  static constexpr Shape input = G::shapes[static_cast<std::size_t>(J)];
  static constexpr int first_tensor = G::first_tensor(J);
  static constexpr int stored = G::stored_for(J);  ///< the value that backward reads, -1 for none
};

/// What device code may know of value I of group G.
template <class G, int I>
struct Value {
  static constexpr Shape shape = G::shapes[static_cast<std::size_t>(I)];
  static constexpr int size = static_cast<int>(shape.size());
  static constexpr std::int64_t stride = cuda::stride(shape);
  static constexpr bool is_stored = G::stores(I);
};

/// What the elementwise layers of a group ask of memory: an argument of the kernels that run them.
template <class G>
struct ChainArgs {
  static constexpr int tensors = G::first_tensor(G::size);

  float* values[G::size + 1];  ///< where value I is stored, sample 0; null where it is not
  const float* arena;
  std::int64_t offsets[tensors + 1];
  philox::Key key;
  const std::uint32_t* step;
  std::uint32_t layer;

  explicit ChainArgs(const GroupArgs& a) : arena(a.arena), key(a.key), step(a.step), layer(a.layer) {
    for (int v = 0; v <= G::size; ++v)
      values[v] = a.saved[v] < 0 || !G::stores(v) ? nullptr : reinterpret_cast<float*>(a.workspace + a.saved[v] * a.batch);
    values[0] = const_cast<float*>(a.input);
    values[G::same_bytes(G::size)] = a.output;
    for (int t = 0; t < tensors; ++t) offsets[t] = a.offsets[t];
  }
};

/// Runs the elementwise operations [First, Last) of group G on one value: element `index` of a sample's value First.
/// (Shapes change only at Flatten, which leaves an element's index as it is.)
template <class G, int First, int Last>
struct Chain {
  /// The value behind the operations; on the way stores what backward asks for.
  static STRATA_DEVICE float forward(const ChainArgs<G>& a, std::uint32_t sample, int index, float x) {
    keep<First>(a, sample, index, x);
    return forward_from<First>(a, sample, index, x);
  }

  /// The gradient before the operations, from the one behind them.
  static STRATA_DEVICE float backward(const ChainArgs<G>& a, std::uint32_t sample, int index, float dy) {
    return backward_from<Last - 1>(a, sample, index, dy);
  }

 private:
  template <int J>
  static STRATA_DEVICE float forward_from(const ChainArgs<G>& a, std::uint32_t sample, int index, float x) {
    if constexpr (J >= Last) {
      return x;
    } else {
      using Op = Operation<G, J>;
      if constexpr (Op::runs) {
        if constexpr (Op::is_positional)
          x = Op::type::forward(x, element<J>(a, sample, index));
        else
          x = Op::type::forward(x);
        keep<J + 1>(a, sample, index, x);
      }
      return forward_from<J + 1>(a, sample, index, x);
    }
  }

  template <int J>
  static STRATA_DEVICE float backward_from(const ChainArgs<G>& a, std::uint32_t sample, int index, float dy) {
    if constexpr (J < First) {
      return dy;
    } else {
      using Op = Operation<G, J>;
      if constexpr (Op::runs) {
        if constexpr (Op::stored < 0) {
          if constexpr (Op::is_positional)
            dy = Op::type::backward(dy, element<J>(a, sample, index));
          else
            dy = Op::type::backward(dy);
        } else {
          const float saved = a.values[Op::stored][sample * Value<G, Op::stored>::stride + index];
          if constexpr (Op::is_positional)
            dy = Op::type::backward(dy, saved, element<J>(a, sample, index));
          else
            dy = Op::type::backward(dy, saved);
        }
      }
      return backward_from<J - 1>(a, sample, index, dy);
    }
  }

  template <int J>
  static STRATA_DEVICE auto element(const ChainArgs<G>& a, std::uint32_t sample, int index) {
    return Element<Operation<G, J>::input, float>{
        sample, index, a.arena, a.offsets + Operation<G, J>::first_tensor,
        philox::Draw{a.key, *a.step, philox::Stream::dropout, a.layer + J}};
  }

  template <int I>
  static STRATA_DEVICE void keep(const ChainArgs<G>& a, std::uint32_t sample, int index, float x) {
    if constexpr (Value<G, I>::is_stored)
      if (a.values[I] != nullptr) a.values[I][sample * Value<G, I>::stride + index] = x;
  }
};

/// The elementwise operations before the reduction, or all of them where there is none.
template <class G>
using BeforeReduction = Chain<G, G::before, G::reduction_or_end>;

/// The elementwise operations behind the reduction.
template <class G>
using AfterReduction = Chain<G, G::after, G::size>;

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
