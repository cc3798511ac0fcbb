// Whether a network can be used on a backend: it is valid and each of its layers has a kernel there.
#pragma once

#include <strata/core/type_list.hpp>
#include <strata/plan/network.hpp>

#include <type_traits>

namespace strata::detail {

template <class Backend, Mode M, class Operations>
struct first_without_kernel;

template <class Backend, Mode M, class... Ops>
struct first_without_kernel<Backend, M, type_list<Ops...>> {
  static constexpr int index = [] {
    const bool has[] = {Backend::template has_kernel<Ops>(M)..., true};
    for (int k = 0; k < static_cast<int>(sizeof...(Ops)); ++k)
      if (!has[k]) return k;
    return -1;
  }();
};

/// What stands between Net and a run in mode M, as a type_tag of the class that reports it, or void.
template <class Net, class Backend, Mode M>
constexpr auto find_obstacle() {
  if constexpr (!is_network<Net>) {
    return type_tag<network_cannot_be_built<Place<>, Net, network_error::this_is_no_network, void>>{};
  } else if constexpr (!is_valid<Net>) {
    return type_tag<Net>{};
  } else {
    constexpr int missing = first_without_kernel<Backend, M, typename Net::operations>::index;
    if constexpr (missing < 0) {
      return type_tag<void>{};
    } else {
      using written = typename node<typename Net::layers>::template written<missing>;
      return type_tag<layer_has_no_kernel<type_at<1, written>, type_at<0, written>, Backend>>{};
    }
  }
}

template <class Net, class Backend, Mode M = Mode::inference>
using obstacle = typename decltype(find_obstacle<Net, Backend, M>())::type;

/// Whether Net runs on Backend in mode M. It reports nothing.
template <class Net, class Backend, Mode M>
inline constexpr bool is_usable = std::is_void_v<obstacle<Net, Backend, M>>;

}  // namespace strata::detail
