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
      values[v] =
          !G::stores(v) || a.saved[v] < 0 ? nullptr : reinterpret_cast<float*>(a.workspace + a.saved[v] * a.batch);
    values[0] = const_cast<float*>(a.input);
    values[G::same_bytes(G::size)] = a.output;
    for (int t = 0; t < tensors; ++t) offsets[t] = a.offsets[t];
  }
};

/// The words of the counter that an operation drew from: they belong to four elements, each 16 behind the last
/// (core/philox.hpp).
struct HeldWords {
  philox::Words<std::uint32_t> words;
  bool drawn = false;
};

/// An Element that draws for itself and the elements 16, 32 and 48 behind it, or takes what was drawn before it.
template <Shape S>
struct DrawingElement : Element<S, float> {
  HeldWords* held;

  STRATA_DEVICE std::uint32_t words() const {
    const auto e = static_cast<std::uint32_t>(this->index);
    if (!held->drawn) {
      const philox::Draw& d = this->draw;
      held->words = philox::words<std::uint32_t>((e >> 6) * 16 + (e & 15), this->sample, d.step, d.last_word(), d.key);
      held->drawn = true;
    }
    const std::uint32_t which = e >> 4 & 3;
    const philox::Words<std::uint32_t>& w = held->words;
    return which == 0 ? w.w0 : which == 1 ? w.w1 : which == 2 ? w.w2 : w.w3;
  }
};

/// Words of N draws.
template <int N>
struct ChainWords {
  HeldWords of[N];
};

template <>
struct ChainWords<0> {};

/// Runs the elementwise operations [First, Last) of group G on values in registers: element `index` of a sample's value
/// First, or the packet of N neighbours that begins there, at a multiple of N. (Shapes change only at Flatten, which
/// leaves an element's index as it is.)
template <class G, int First, int Last>
struct Chain {
  /// True where an operation asks for its place.
  static constexpr bool is_positional = G::is_positional(First, Last);

  /// True where an operation has tensors, of which each value reads its channel's numbers.
  static constexpr bool has_tensors = G::first_tensor(Last) > G::first_tensor(First);

 private:
  static constexpr int count_positional(int J) {
    int n = 0;
    for (int j = First; j < J; ++j) n += G::is_positional(j, j + 1);
    return n;
  }
  template <int J>
  static constexpr int positional_before = count_positional(J);

 public:
  /// What saves evaluations of Philox: a thread that visits N neighbours and then those 16, 32 and 48 behind them gives
  /// one of these to its four calls. Without it the words are the same and each is evaluated anew.
  template <int N>
  using Words = ChainWords<N * positional_before<Last>>;

  /// The value behind the operations; on the way stores what backward asks for.
  static STRATA_DEVICE float forward(const ChainArgs<G>& a, std::uint32_t sample, int index, float x) {
    return forward(a, sample, index, Packet<float, 1>{{x}})[0];
  }

  template <int N>
  static STRATA_DEVICE Packet<float, N> forward(const ChainArgs<G>& a, std::uint32_t sample, int index,
                                                const Packet<float, N>& x) {
    NoWords none;
    return forward(a, sample, index, x, none);
  }

  template <int N, class W>
  static STRATA_DEVICE Packet<float, N> forward(const ChainArgs<G>& a, std::uint32_t sample, int index,
                                                const Packet<float, N>& x, W& words) {
    keep<First>(a, sample, index, x);
    return forward_from<First>(a, sample, index, x, words);
  }

  /// The gradient before the operations, from the one behind them.
  static STRATA_DEVICE float backward(const ChainArgs<G>& a, std::uint32_t sample, int index, float dy) {
    return backward(a, sample, index, Packet<float, 1>{{dy}})[0];
  }

  template <int N>
  static STRATA_DEVICE Packet<float, N> backward(const ChainArgs<G>& a, std::uint32_t sample, int index,
                                                 const Packet<float, N>& dy) {
    NoWords none;
    return backward(a, sample, index, dy, none);
  }

  template <int N, class W>
  static STRATA_DEVICE Packet<float, N> backward(const ChainArgs<G>& a, std::uint32_t sample, int index,
                                                 const Packet<float, N>& dy, W& words) {
    return backward_from<Last - 1>(a, sample, index, dy, words);
  }

 private:
  struct NoWords {};

  template <int J, int N, class W>
  static STRATA_DEVICE Packet<float, N> forward_from(const ChainArgs<G>& a, std::uint32_t sample, int index,
                                                     Packet<float, N> x, W& words) {
    if constexpr (J >= Last) {
      return x;
    } else {
      using Op = Operation<G, J>;
      if constexpr (Op::runs) {
        STRATA_UNROLL
        for (int k = 0; k < N; ++k) {
          if constexpr (Op::is_positional)
            x[k] = Op::type::forward(x[k], element<J, N>(a, sample, index, k, words));
          else
            x[k] = Op::type::forward(x[k]);
        }
        keep<J + 1>(a, sample, index, x);
      }
      return forward_from<J + 1>(a, sample, index, x, words);
    }
  }

  template <int J, int N, class W>
  static STRATA_DEVICE Packet<float, N> backward_from(const ChainArgs<G>& a, std::uint32_t sample, int index,
                                                      Packet<float, N> dy, W& words) {
    if constexpr (J < First) {
      return dy;
    } else {
      using Op = Operation<G, J>;
      if constexpr (Op::runs) {
        Packet<float, N> saved{};
        if constexpr (Op::stored >= 0)
          saved = load<N>(a.values[Op::stored] + sample * Value<G, Op::stored>::stride + index);
        STRATA_UNROLL
        for (int k = 0; k < N; ++k) {
          if constexpr (Op::stored < 0 && Op::is_positional)
            dy[k] = Op::type::backward(dy[k], element<J, N>(a, sample, index, k, words));
          else if constexpr (Op::stored < 0)
            dy[k] = Op::type::backward(dy[k]);
          else if constexpr (Op::is_positional)
            dy[k] = Op::type::backward(dy[k], saved[k], element<J, N>(a, sample, index, k, words));
          else
            dy[k] = Op::type::backward(dy[k], saved[k]);
        }
      }
      return backward_from<J - 1>(a, sample, index, dy, words);
    }
  }

  /// The place of the packet's value k, for operation J.
  template <int J, int N, class W>
  static STRATA_DEVICE auto element(const ChainArgs<G>& a, std::uint32_t sample, int index, int k,
                                    [[maybe_unused]] W& words) {
    using Op = Operation<G, J>;
    std::uint32_t step = 0;  // of which nothing depends in inference
    if constexpr (G::mode == Mode::training) step = *a.step;
    const Element<Op::input, float> place{sample, index + k, a.arena, a.offsets + Op::first_tensor,
                                          philox::Draw{a.key, step, philox::Stream::dropout, a.layer + J}};
    if constexpr (std::is_same_v<W, NoWords>)
      return place;
    else
      return DrawingElement<Op::input>{place, &words.of[positional_before<J> * N + k]};
  }

  template <int I, int N>
  static STRATA_DEVICE void keep(const ChainArgs<G>& a, std::uint32_t sample, int index, const Packet<float, N>& x) {
    if constexpr (Value<G, I>::is_stored)
      if (a.values[I] != nullptr) store(a.values[I] + sample * Value<G, I>::stride + index, x);
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
