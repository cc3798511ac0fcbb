// Fused groups: which operations run as one kernel. By role alone; the plan knows no layer.
#pragma once

#include <strata/plan/resolve.hpp>

#include <array>
#include <cstddef>

namespace strata {

/// Operations that run as one kernel: a producer or a value read from memory, then elementwise layers, then at most
/// one reduction, then elementwise layers again. A normaliser is a group of its own. What lies between them is never
/// stored, unless backward asks for it.
struct FusedGroup {
  int first = 0;       ///< index of the first operation
  int count = 0;       ///< number of operations
  int producer = -1;   ///< index of the producer or normaliser, -1 where the group reads a value and maps it
  int reduction = -1;  ///< index of the reduction, -1 where there is none
  int input = 0;       ///< the value it reads
  int output = 0;      ///< the value it makes
};

namespace detail {

template <int N>
struct Grouping {
  std::array<FusedGroup, static_cast<std::size_t>(N)> groups{};
  int count = 0;
};

/// Walks the operations once and opens a group wherever the next operation cannot join the present one. `fuses` is the
/// backend's word: may an operation of role `next` join a group whose producer has role `head`?
template <int N, class Fuses>
constexpr Grouping<N> fuse(const std::array<PlannedOperation, static_cast<std::size_t>(N)>& operations, int count,
                           Mode mode, Fuses fuses) {
  Grouping<N> result;
  Role head = Role::identity;  // role of the present group's producer, identity where it has none
  bool free_so_far = true;     // the present group holds nothing but operations that cost nothing
  for (int k = 0; k < count; ++k) {
    const PlannedOperation& op = operations[static_cast<std::size_t>(k)];
    const Role role = op.operation->role(op.mode(mode));
    const bool begins = role == Role::producer || role == Role::normaliser;
    const bool is_free = role == Role::identity || role == Role::reshape;
    const bool leaves_frozen = k > 0 && operations[static_cast<std::size_t>(k - 1)].is_frozen() && !op.is_frozen();
    bool joins = result.count > 0 && !leaves_frozen;
    if (joins && !free_so_far && !is_free) {
      const FusedGroup& group = result.groups[static_cast<std::size_t>(result.count - 1)];
      joins =
          !begins && head != Role::normaliser && fuses(head, role) && (role != Role::reduction || group.reduction < 0);
    }
    if (!joins) {
      result.groups[static_cast<std::size_t>(result.count++)] = {k, 0, -1, -1, op.inputs[0], op.output};
      head = Role::identity;
      free_so_far = true;
    }
    FusedGroup& group = result.groups[static_cast<std::size_t>(result.count - 1)];
    ++group.count;
    group.output = op.output;
    free_so_far = free_so_far && is_free;
    if (begins) {
      group.producer = k;
      head = role;
    } else if (role == Role::reduction) {
      group.reduction = k;
    }
  }
  return result;
}

}  // namespace detail
}  // namespace strata
