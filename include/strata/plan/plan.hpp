// The plan of a step: groups, their types, and the memory they run in, for one mode, backend and kind of loss.
#pragma once

#include <strata/plan/fuse.hpp>
#include <strata/plan/group.hpp>
#include <strata/plan/memory.hpp>

#include <array>
#include <cstddef>
#include <utility>

namespace strata {

/// Any loss that is computed from logits; the plan asks no more of a loss than this.
struct LossOnLogits {
  static constexpr bool takes_logits = true;
};

/// Prediction has no loss.
struct NoLoss {
  static constexpr bool takes_logits = false;
};

namespace detail {

/// The GroupSpec of a list of operations.
template <class Backend, Mode M, class In, class Operations>
struct group_type;

template <class Backend, Mode M, class In, class... Ops>
struct group_type<Backend, M, In, type_list<Ops...>> {
  using type = GroupSpec<Backend, M, In, Ops...>;
};

}  // namespace detail

/// Everything that is decided about a step when the program compiles. `Net` is a valid Network. A backend answers two
/// questions: `Backend::fuses(head, next)`, may an operation of role `next` join a group that a producer of role `head`
/// began, and `Backend::requirements<GroupSpec>()`, the bytes a group's kernels want besides its values.
template <class Net, Mode M, class Backend, class Loss = NoLoss>
struct Plan {
  using network = Net;
  using backend = Backend;
  static constexpr Mode mode = M;
  static constexpr int size = Net::resolution_type::size;

  /// Operations that run: all of them, or, where the loss takes logits, those before a closing normaliser.
  static constexpr int operations = [] {
    int n = size;
    if (Loss::takes_logits) {
      int last = n - 1;
      auto role = [](int k) {
        const detail::PlannedOperation& op = Net::resolution.operations[static_cast<std::size_t>(k)];
        return op.operation->role(op.mode(M));
      };
      while (last > 0 && (role(last) == Role::identity || role(last) == Role::reshape)) --last;
      if (last > 0 && role(last) == Role::normaliser) n = last;
    }
    return n;
  }();

  static constexpr detail::Grouping<size> grouping = detail::fuse<size>(
      Net::resolution.operations, operations, M, [](Role head, Role next) { return Backend::fuses(head, next); });
  static constexpr int groups = grouping.count;

  /// The mode in which group G runs: of frozen layers, as in inference.
  static constexpr Mode mode_of(int g) {
    return Net::resolution.operations[static_cast<std::size_t>(grouping.groups[static_cast<std::size_t>(g)].first)]
        .mode(M);
  }

  /// How many groups training leaves as they are, where others follow: what they make of a sample, its features, is the
  /// same in every step.
  static constexpr int frozen_groups = [] {
    const auto is_frozen = [](int g) {
      const FusedGroup& group = grouping.groups[static_cast<std::size_t>(g)];
      return Net::resolution.operations[static_cast<std::size_t>(group.first)].is_frozen();
    };
    int count = 0;
    while (count < groups && is_frozen(count)) ++count;
    return count < groups ? count : 0;
  }();

  /// Group G as a type.
  template <int G>
  using group = typename detail::group_type<
      Backend, mode_of(G),
      detail::shape_type_t<Net::resolution.shapes[static_cast<std::size_t>(grouping.groups[G].input)]>,
      detail::slice<typename Net::operations, grouping.groups[G].first, grouping.groups[G].count>>::type;

  static constexpr detail::MemoryPlan<size> memory = []<int... G>(std::integer_sequence<int, G...>) {
    std::array<detail::GroupNeeds, static_cast<std::size_t>(size) + 1> needs{};
    std::array<bool, static_cast<std::size_t>(size) + 1> stored{}, trains{};
    // Lists, not fold expressions: clang folds no more than 256 operands.
    const detail::GroupNeeds list[] = {
        {Backend::template requirements<group<G>>(), group<G>::reads_input, group<G>::reads_output}..., {}};
    bool (*const stores[])(int) = {&group<G>::stores..., nullptr};
    for (std::size_t g = 0; g < static_cast<std::size_t>(groups); ++g) {
      needs[g] = list[g];
      for (int v = 1; v < grouping.groups[g].count; ++v)
        stored[static_cast<std::size_t>(grouping.groups[g].first + v)] = stores[g](v);
    }
    for (int g = 0; g < groups; ++g) {
      const FusedGroup& of = grouping.groups[static_cast<std::size_t>(g)];
      for (int s = Net::parameters.first[static_cast<std::size_t>(of.first)];
           s < Net::parameters.first[static_cast<std::size_t>(of.first + of.count)]; ++s)
        if (Net::parameters.segments[static_cast<std::size_t>(s)].parameter.trainable)
          trains[static_cast<std::size_t>(g)] = true;
    }
    return detail::plan_memory<size>(grouping, Net::resolution.shapes, needs, stored, trains, M);
  }
  (std::make_integer_sequence<int, groups>{});

  /// The value that the step ends in: logits for a loss that takes them, else the network's output.
  static constexpr int result = operations;
  static constexpr Shape result_shape = Net::resolution.shapes[static_cast<std::size_t>(result)];

  /// Bytes of the workspace of a step: activations, gradients of activations, scratch, and a line of slack behind them
  /// (kernels read whole vectors). Where parameters were packed before, as in a Predictor, no room to do so is needed.
  static constexpr std::size_t workspace_bytes(int batch, int threads, bool are_packed = false) {
    return static_cast<std::size_t>(memory.per_sample * batch + memory.kept_fixed + memory.fixed +
                                    memory.per_thread * threads + (are_packed ? 0 : memory.packing) +
                                    detail::line_bytes);
  }
};

}  // namespace strata
