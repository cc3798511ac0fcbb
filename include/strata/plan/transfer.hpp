// Networks made of others, as types: a front that is frozen, another head, a front alone.
#pragma once

#include <strata/core/type_list.hpp>
#include <strata/plan/network.hpp>
#include <strata/plan/seq.hpp>

#include <cstddef>
#include <type_traits>

namespace strata {

namespace detail {

/// The elements of a network's Seq, as they were written.
template <class Sequence>
struct elements_of;

template <class... Ls>
struct elements_of<Seq<Ls...>> {
  using type = type_list<Ls...>;
  static constexpr int size = static_cast<int>(sizeof...(Ls));

  /// How many elements lead up to the first that is Block, it included; 0 where none is.
  template <class Block>
  static constexpr int until = [] {
    const bool same[] = {std::is_same_v<Ls, Block>..., false};
    for (int e = 0; e < size; ++e)
      if (same[e]) return e + 1;
    return 0;
  }();
};

template <class Net>
using elements = elements_of<typename Net::layers::sequence>;

template <class List>
struct sequence_of;

template <class... Ls>
struct sequence_of<type_list<Ls...>> {
  using type = Seq<Ls...>;
  template <class... More>
  using with = Seq<Ls..., More...>;
};

/// The first N elements, and those behind them.
template <class Net, int N>
using front_of = slice<typename elements<Net>::type, 0, N>;
template <class Net, int N>
using rest_of = slice<typename elements<Net>::type, N, elements<Net>::size - N>;

/// Checks a number of elements once, where the user wrote it.
template <class Net, int N>
struct a_front_has {
  static constexpr bool as_many_elements = N > 0 && N <= elements<Net>::size;
  static_assert(as_many_elements,
                "a front has at least one of the elements of the network's Seq, and at most all of them");
  static constexpr int count = as_many_elements ? N : 0;
};

template <class Net, class Block>
struct front_until {
  static constexpr int count = elements<Net>::template until<Block>;
  static_assert(count > 0, "FreezeUntil<Net, Block>: Block is no element of the network's Seq");
};

template <class Net, class Front, class Rest>
struct freeze;

template <class Net, class... Front, class... Rest>
struct freeze<Net, type_list<Front...>, type_list<Rest...>> {
  using type = Network<Seq<Frozen<Seq<Front...>>, Rest...>, typename Net::input>;
};

template <class Net, int N>
using freeze_first = typename freeze<Net, front_of<Net, N>, rest_of<Net, N>>::type;

/// The element of the Seq that holds the last parameters.
template <class Net>
inline constexpr int last_with_parameters = [] {
  if (Net::parameters.segments.size() == 0) return 0;
  const int operation = Net::parameters.segments[Net::parameters.segments.size() - 1].operation;
  return node<typename Net::layers>::where[static_cast<std::size_t>(operation)].element;
}();

template <class Net, int... N>
struct freeze_number {};
template <class Net, int N>
struct freeze_number<Net, N> {
  using type = freeze_first<Net, a_front_has<Net, N>::count>;
};

}  // namespace detail

/// The network with its first N elements frozen, where elements are those of its Seq as it was written:
///
///     using Tuned = Freeze<Digits, 4>;                      // struct Digits : Seq<A, B, C, D, E, F> {}
template <class Net, int N>
using Freeze = typename detail::freeze_number<Net, N>::type;

/// The network frozen up to an element of its Seq, that one included: FreezeUntil<Net, Block3>.
template <class Net, class Block>
using FreezeUntil = detail::freeze_first<Net, detail::front_until<Net, Block>::count>;

/// The network with other layers in place of its head: of the last element of its Seq that has parameters, and all
/// behind it.
///
///     using Greek = ReplaceHead<Digits, Dense<3>, LogSoftmax<>>;
template <class Net, class... Layers>
using ReplaceHead = Network<
    typename detail::sequence_of<detail::front_of<Net, detail::last_with_parameters<Net>>>::template with<Layers...>,
    typename Net::input>;

/// The first N elements of the network alone: what it makes of an input there are its features.
template <class Net, int N>
using FeatureExtractor =
    Network<typename detail::sequence_of<detail::front_of<Net, detail::a_front_has<Net, N>::count>>::type,
            typename Net::input>;

}  // namespace strata
