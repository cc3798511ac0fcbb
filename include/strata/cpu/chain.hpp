// The elementwise layers of a group, run on one vector while it is in a register.
#pragma once

#include <strata/core/element.hpp>
#include <strata/cpu/kernel.hpp>
#include <strata/cpu/words.hpp>
#include <strata/plan/group.hpp>

namespace strata::cpu {
inline namespace STRATA_ISA {

/// Where value v of a group is stored, at one sample: the group's input, its output, or a buffer of its own.
template <class G, int Value>
STRATA_INLINE inline float* stored_value(const GroupArgs& a, int sample) {
  constexpr std::int64_t floats = stride(G::shapes[Value]);
  if constexpr (Value == 0)
    return const_cast<float*>(a.input) + sample * floats;
  else if constexpr (Value == G::same_bytes(G::size))
    return a.output + sample * floats;
  else
    return reinterpret_cast<float*>(a.workspace + a.saved[Value] * a.batch) + sample * floats;
}

/// Random words of `Operations` operations.
template <int Operations>
struct ChainWords {
  RandomWords of[Operations];
};

template <>
struct ChainWords<0> {};

/// Ops and behind them the elementwise operations [First, Last) of group G, as a type_list.
template <class G, int First, int Last, class... Ops>
constexpr auto elementwise_operations(strata::detail::type_list<Ops...> before) {
  if constexpr (First == Last)
    return before;
  else if constexpr (G::roles[First] == Role::elementwise)
    return elementwise_operations<G, First + 1, Last>(
        strata::detail::type_list<Ops..., typename G::template operation<First>>{});
  else
    return elementwise_operations<G, First + 1, Last>(before);
}

/// Runs the elementwise operations [First, Last) of group G on the vector of one sample that begins at `index`, whose
/// first Lanes lanes count, and stores on the way what backward asks for.
template <class G, int First, int Last>
struct Chain {
  /// True where an operation asks for its place.
  static constexpr bool is_positional = G::is_positional(First, Last);

  /// True where no operation asks for its place, and nothing is kept on the way.
  static constexpr bool is_plain = [] {
    bool keeps = false;
    for (int v = First; v <= Last; ++v) keeps = keeps || G::stores(v);
    return !is_positional && !keeps;
  }();

  /// Operations of the chain before operation J that may ask for their place.
  static constexpr int positional_before(int J) {
    int count = 0;
    for (int j = First; j < J; ++j) count += G::is_positional(j, j + 1);
    return count;
  }

  /// What saves evaluations of Philox: whoever visits the vectors of a sample makes one and gives it to every call.
  /// Without it the words are the same and each vector pays for the evaluation of four. Empty where nothing may draw.
  using Words = ChainWords<positional_before(Last)>;

  template <int Lanes>
  STRATA_INLINE static V forward(const GroupArgs& a, int sample, int index, V x) {
    NoWords none;
    return forward<Lanes>(a, sample, index, x, none);
  }

  template <int Lanes, class W>
  STRATA_INLINE static V forward(const GroupArgs& a, int sample, int index, V x, W& words) {
    keep<First, Lanes>(a, sample, index, x);
    strata::detail::unroll<Last - First>([&](auto i) STRATA_INLINE {
      constexpr int j = First + i;
      using Op = typename G::template operation<j>;
      if constexpr (G::roles[j] == Role::elementwise) {
        if constexpr (strata::detail::is_positional<Op>)
          x = Op::forward(x, element<j>(a, sample, index, words));
        else
          x = Op::forward(x);
        keep<j + 1, Lanes>(a, sample, index, x);
      }
    });
    return x;
  }

  template <int Lanes>
  STRATA_INLINE static V backward(const GroupArgs& a, int sample, int index, V dy) {
    NoWords none;
    return backward<Lanes>(a, sample, index, dy, none);
  }

  template <int Lanes, class W>
  STRATA_INLINE static V backward(const GroupArgs& a, int sample, int index, V dy, W& words) {
    strata::detail::unroll<Last - First>([&](auto i) STRATA_INLINE {
      constexpr int j = Last - 1 - i;
      using Op = typename G::template operation<j>;
      if constexpr (G::roles[j] == Role::elementwise) {
        constexpr int value = G::stored_for(j);
        if constexpr (value < 0) {
          if constexpr (strata::detail::is_positional<Op>)
            dy = Op::backward(dy, element<j>(a, sample, index, words));
          else
            dy = Op::backward(dy);
        } else {
          const V saved = load<Lanes>(stored_value<G, value>(a, sample) + index);
          if constexpr (strata::detail::is_positional<Op>)
            dy = Op::backward(dy, saved, element<j>(a, sample, index, words));
          else
            dy = Op::backward(dy, saved);
        }
      }
    });
    return dy;
  }

 private:
  struct NoWords {};

  template <int J, class W>
  STRATA_INLINE static auto element(const GroupArgs& a, int sample, int index, [[maybe_unused]] W& words) {
    constexpr Shape shape = G::shapes[J];
    const Element<shape, V> place{static_cast<std::uint32_t>(sample), index, a.arena, a.offsets + G::first_tensor(J),
                                  philox::Draw{a.key, a.step, philox::Stream::dropout, a.layer + J}};
    if constexpr (std::is_same_v<W, NoWords>) {
      return place;
    } else {
      return DrawingElement<shape>{place, &words.of[positional_before(J)]};
    }
  }

  template <int Value, int Lanes>
  STRATA_INLINE static void keep(const GroupArgs& a, int sample, int index, const V& x) {
    if constexpr (G::stores(Value))
      if (a.saved[Value] >= 0) store<Lanes>(stored_value<G, Value>(a, sample) + index, x);
  }
};

/// Calls f(index, integral_constant<int, lanes>) for vectors that cover a sample of shape S. Where an operation of the
/// chain C asks for its place, no vector reaches over the end of a pixel, so that its lanes are neighbouring channels.
template <class C, Shape S, class F>
STRATA_INLINE inline void for_elements(F&& f) {
  if constexpr (C::is_positional && S.rank == 3) {
    for (int pixel = 0; pixel < S.height * S.width; ++pixel)
      for_vectors<S.channels>([&](int c, auto count) STRATA_INLINE { f(pixel * S.channels + c, count); });
  } else {
    for_vectors<static_cast<int>(S.size())>(f);
  }
}

/// The elementwise operations before the reduction, or all of them where there is none.
template <class G>
using BeforeReduction = Chain<G, G::before, G::reduction_or_end>;

/// The elementwise operations behind the reduction.
template <class G>
using AfterReduction = Chain<G, G::after, G::size>;

}  // namespace STRATA_ISA
}  // namespace strata::cpu
