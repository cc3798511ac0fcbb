// Reasons of use: whether a data set and a backend suit a network. Asserted once, where a model is used.
#pragma once

#include <strata/core/error.hpp>
#include <strata/cpu/samples.hpp>
#include <strata/data/dataset.hpp>
#include <strata/plan/network.hpp>

#include <string>

namespace strata {
namespace detail {

/// Reported where a layer of the network has no kernel for the backend; the arguments are the message.
template <bool Exists, class LayerWithoutKernel, class Backend>
struct no_kernel {
  static_assert(Exists, "strata: a layer of this network has no kernel for this backend; the type above names both");
};

template <class LayerWithoutKernel, class Backend>
struct no_kernel<true, LayerWithoutKernel, Backend> {};

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
  using type = type_at<(index < 0 ? static_cast<int>(sizeof...(Ops)) : index), type_list<Ops..., void>>;
};

/// Asserts that every layer of Net runs on Backend in a mode, and tells so as a constant.
template <class Net, class Backend, Mode M>
constexpr bool runs() {
  if constexpr (!Net::valid) {
    return false;
  } else {
    using first = first_without_kernel<Backend, M, typename Net::operations>;
    constexpr bool all = first::index < 0;
    return sizeof(no_kernel<all, typename first::type, Backend>) > 0 && all;
  }
}

/// Throws unless samples have the network's input shape.
inline void check_shape(const char* what, const Shape& given, const Shape& expected) {
  if (given == expected || (expected.rank == 1 && given.size() == expected.size())) return;
  throw Error(std::string(what) + ": samples of " + to_string(given) + ", but the network takes " + to_string(expected) +
              "; give Input<...> the shape of the data, or resize the data");
}

/// Throws unless a data set suits a network's input and output.
inline void check_data(const char* what, const Dataset& data, const Shape& input, const Shape& output) {
  if (data.empty()) throw Error(std::string(what) + ": the data set has no sample");
  check_shape(what, data.shape(), input);
  if (data.classes() == 0)
    throw Error(std::string(what) + ": the data set has no labels; build it with labels or one-hot targets");
  if (output.rank != 1 || data.classes() != output.channels)
    throw Error(std::string(what) + ": the data set has " + std::to_string(data.classes()) + " classes, but the network ends in " +
                to_string(output) + "; its last layer should be Softmax<" + std::to_string(data.classes()) + ">");
}

}  // namespace detail
}  // namespace strata
