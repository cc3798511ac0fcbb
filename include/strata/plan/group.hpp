// A fused group as a type: the canonical name under which its kernels are compiled. Equal groups are one type, wherever
// they stand in a network, so compile time follows the number of distinct operations and never the depth.
#pragma once

#include <strata/core/layer.hpp>
#include <strata/core/type_list.hpp>

#include <array>
#include <cstddef>

namespace strata {

namespace detail {

/// An elementwise layer says `is_positional` when it asks where its value sits.
template <class Op>
inline constexpr bool is_positional = false;

template <class Op>
requires requires { Op::is_positional; }
inline constexpr bool is_positional<Op> = Op::is_positional;

/// An elementwise layer says `is_monotone` when a selection by order may be made before it.
template <class Op>
inline constexpr bool is_monotone = false;

template <class Op>
requires requires { Op::is_monotone; }
inline constexpr bool is_monotone<Op> = Op::is_monotone;

}  // namespace detail

/// What a group runs: its operations in order, from an input of shape `In` (an Image or a Vector), for a backend and a
/// mode. Everything a kernel wants to know of its group is a member, as a constant.
///
/// Values of a group are numbered by what makes them: value 0 is the group's input, value j + 1 the output of operation
/// j. The last one is the group's output and always stored.
template <class Backend, Mode M, class In, class... Ops>
struct GroupSpec {
  using backend = Backend;
  using operations = detail::type_list<Ops...>;
  static constexpr Mode mode = M;
  static constexpr int size = static_cast<int>(sizeof...(Ops));

  /// Operation j.
  template <int J>
  using operation = detail::type_at<J, operations>;

  static constexpr std::array<Role, static_cast<std::size_t>(size)> roles{Ops::role(M)...};
  static constexpr std::array<Saves, static_cast<std::size_t>(size)> saves{Ops::saves...};

  /// Shapes of the values 0 ... size.
  static constexpr std::array<Shape, static_cast<std::size_t>(size) + 1> shapes = [] {
    std::array<Shape, static_cast<std::size_t>(size) + 1> at{};
    std::size_t k = 0;
    at[0] = In::shape;
    ((at[k + 1] = Ops::output(at[k]).shape, ++k), ...);
    return at;
  }();

  /// Index of the first operation of a role, or -1.
  static constexpr int find(Role role) {
    for (int j = 0; j < size; ++j)
      if (roles[static_cast<std::size_t>(j)] == role) return j;
    return -1;
  }

  /// Index of the producer or normaliser, -1 where the group maps a value read from memory.
  static constexpr int producer = find(Role::producer) >= 0 ? find(Role::producer) : find(Role::normaliser);

  /// Index of the reduction, or -1.
  static constexpr int reduction = find(Role::reduction);

  /// The elementwise operations before the reduction are those in [before, reduction_or_end), the ones after it those
  /// in [after, size). Operations that cost nothing lie among them.
  static constexpr int before = producer + 1;
  static constexpr int reduction_or_end = reduction >= 0 ? reduction : size;
  static constexpr int after = reduction >= 0 ? reduction + 1 : size;

  static constexpr Shape input = shapes[0];
  static constexpr Shape produced = shapes[static_cast<std::size_t>(before)];  ///< what the producer makes
  static constexpr Shape reduced_from =
      shapes[static_cast<std::size_t>(reduction_or_end)];                    ///< what the reduction reads
  static constexpr Shape reduced = shapes[static_cast<std::size_t>(after)];  ///< what it makes of it
  static constexpr Shape output = shapes[static_cast<std::size_t>(size)];

  /// Whether any operation in [first, last) does arithmetic.
  static constexpr bool works(int first, int last) {
    for (int j = first; j < last; ++j)
      if (roles[static_cast<std::size_t>(j)] == Role::elementwise) return true;
    return false;
  }

  /// Whether any elementwise operation in [first, last) asks where its values sit.
  static constexpr bool is_positional(int first, int last) {
    constexpr bool positional[] = {detail::is_positional<Ops>...};
    for (int j = first; j < last; ++j)
      if (positional[j] && roles[static_cast<std::size_t>(j)] == Role::elementwise) return true;
    return false;
  }

  /// Whether every elementwise operation before the reduction commutes with it: the reduction selects, and they keep
  /// the order. It may then run first.
  static constexpr bool reduces_first = [] {
    constexpr bool monotone[] = {detail::is_monotone<Ops>...};
    bool all = false;
    if constexpr (reduction >= 0) {
      all = operation<reduction>::selects;
      for (int j = before; j < reduction; ++j)
        all = all && (roles[static_cast<std::size_t>(j)] != Role::elementwise || monotone[j]);
    }
    return all;
  }();

  /// The value that backward of operation j wants, before it is known who else has it; -1 for none. Operations that
  /// cost nothing pass their input on, so the search goes back to where the bytes are made.
  static constexpr int wanted_by(int j) {
    const auto i = static_cast<std::size_t>(j);
    const bool has_backward =
        roles[i] == Role::elementwise || roles[i] == Role::producer || roles[i] == Role::normaliser;
    if (!has_backward || saves[i] == Saves::nothing) return -1;
    return same_bytes(saves[i] == Saves::output ? j + 1 : j);
  }

  /// The first value with the same bytes as value v.
  static constexpr int same_bytes(int v) {
    while (v > 0 && (roles[static_cast<std::size_t>(v - 1)] == Role::identity ||
                     roles[static_cast<std::size_t>(v - 1)] == Role::reshape))
      --v;
    return v;
  }

  /// True when backward of the layers before a maximum can run on the pooled values alone: each of them wants nothing
  /// or the very value that was selected, and none asks where it sits. Then nothing before the pooling is stored.
  static constexpr bool backward_at_reduced = [] {
    bool enough = false;
    if constexpr (reduction >= 0) {
      enough = operation<reduction>::selects && !is_positional(before, reduction);
      for (int j = before; j < reduction; ++j) {
        const int v = wanted_by(j);
        enough = enough && (v < 0 || v == same_bytes(reduction));
      }
    }
    return enough;
  }();

  /// Whether training stores value v apart from the group's input and output. Value v is an output of operation v - 1.
  static constexpr bool stores(int v) {
    bool wanted = false;
    for (int j = 0; j < size; ++j) wanted = wanted || stored_for(j) == v;
    return wanted && M == Mode::training && v != 0 && v != same_bytes(size);
  }

  /// The value that backward of operation j reads: of the wanted one, the pooled copy where that is enough.
  static constexpr int stored_for(int j) {
    const int v = wanted_by(j);
    if (v < 0) return -1;
    if (backward_at_reduced && j < reduction && v == same_bytes(reduction)) return reduction + 1;
    return v;
  }

  /// Whether backward of any operation reads the group's own input, or its own output.
  static constexpr bool reads_input = [] {
    for (int j = 0; j < size; ++j)
      if (stored_for(j) == 0) return true;
    return false;
  }();
  static constexpr bool reads_output = [] {
    for (int j = 0; j < size; ++j)
      if (stored_for(j) > 0 && stored_for(j) == same_bytes(size)) return true;
    return false;
  }();

  /// Tensors of parameters that the operations before operation j own: where j's begin among the group's.
  static constexpr int first_tensor(int j) {
    constexpr int counts[] = {static_cast<int>(decltype(Ops::parameters(Shape{})){}.size())...};
    int n = 0;
    for (int i = 0; i < j; ++i) n += counts[i];
    return n;
  }
};

}  // namespace strata
