// Lists of types and their elements by index, at a cost that stays low for hundreds of elements.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace strata::detail {

/// A list of types, itself never instantiated with data.
template <class... Ts>
struct type_list {
  static constexpr int size = static_cast<int>(sizeof...(Ts));
};

template <class T>
struct type_tag {
  using type = T;
};

template <std::size_t I, class T>
struct indexed_type {};

template <class Indices, class... Ts>
struct index_map;

template <std::size_t... I, class... Ts>
struct index_map<std::index_sequence<I...>, Ts...> : indexed_type<I, Ts>... {};

template <std::size_t I, class T>
type_tag<T> find_type(const indexed_type<I, T>*);

template <class List>
struct lookup;

template <class... Ts>
struct lookup<type_list<Ts...>> {
  using map = index_map<std::index_sequence_for<Ts...>, Ts...>;
};

/// Element I of a type_list. Overload resolution over a flat set of bases finds it: no recursion, so the compiler's
/// depth limit never depends on the length of a network.
template <int I, class List>
using type_at = typename decltype(find_type<static_cast<std::size_t>(I)>(
    static_cast<const typename lookup<List>::map*>(nullptr)))::type;

/// Elements First, First + 1, ... First + Count - 1 of a type_list, as a type_list.
template <class List, int First, class Indices>
struct slice_of;

template <class List, int First, int... I>
struct slice_of<List, First, std::integer_sequence<int, I...>> {
  using type = type_list<type_at<First + I, List>...>;
};

template <class List, int First, int Count>
using slice = typename slice_of<List, First, std::make_integer_sequence<int, Count>>::type;

/// Calls f(integral_constant<int, 0>) ... f(integral_constant<int, N - 1>) in order, as part of the caller.
template <int N, class F>
__attribute__((always_inline)) constexpr void unroll(F&& f) {
  [&]<int... I>(std::integer_sequence<int, I...>) __attribute__((always_inline)) {
    (f(std::integral_constant<int, I>{}), ...);
  }
  (std::make_integer_sequence<int, N>{});
}

}  // namespace strata::detail
