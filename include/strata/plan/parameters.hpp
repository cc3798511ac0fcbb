// Every parameter's place: one arena, trainable tensors first, then state such as running averages, then what is
// frozen.
#pragma once

#include <strata/plan/resolve.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace strata {

/// One tensor in the arena.
struct Segment {
  Parameter parameter{};
  int operation = 0;               ///< index of the operation it belongs to
  std::int64_t offset = 0;         ///< floats from the arena's begin, a multiple of 16 (64 bytes)
  float learning_rate_factor = 1;  ///< scales the optimizer's learning rate for this tensor
};

/// A part of the arena whose tensors move at one learning rate.
struct RateRange {
  float factor = 1;        ///< on the optimizer's learning rate
  std::int64_t begin = 0;  ///< floats from the arena's begin
  std::int64_t end = 0;
};

namespace detail {

/// Floats in a row of 64 bytes: tensors begin on one, so that vectors load aligned and threads share no cache line.
inline constexpr std::int64_t floats_per_line = 16;
inline constexpr std::int64_t line_bytes = 64;

constexpr std::int64_t round_up(std::int64_t n, std::int64_t multiple) {
  return (n + multiple - 1) / multiple * multiple;
}

/// All tensors in the order of the operations, with offsets into the arena. Gradients and optimizer state repeat the
/// layout of the trainable part, whose gaps stay zero under every optimizer.
template <int Operations, int Tensors>
struct ParameterPlan {
  std::array<Segment, static_cast<std::size_t>(Tensors)> segments{};
  std::array<int, static_cast<std::size_t>(Operations) + 1> first{};     ///< first segment of each operation
  std::array<RateRange, static_cast<std::size_t>(Tensors) + 1> rates{};  ///< the trainable part, a range for each rate
  int rate_count = 0;
  std::int64_t trainable_floats = 0;  ///< of the arena, gaps included
  std::int64_t moving_floats = 0;     ///< of the part that training moves: the trainable one and the state behind it
  std::int64_t floats = 0;            ///< of the arena, gaps included
  std::int64_t trainable_count = 0;   ///< parameters as people count them
  std::int64_t count = 0;

  /// Bytes of the arena. Kernels read whole vectors, so a line of slack follows the last tensor.
  constexpr std::size_t arena_bytes() const { return static_cast<std::size_t>(floats * 4 + line_bytes); }

  /// Bytes of an array in the layout of the trainable part: gradients, or one moment.
  constexpr std::size_t trainable_bytes() const { return static_cast<std::size_t>(trainable_floats * 4); }

  /// Bytes of the state behind it, such as running averages.
  constexpr std::size_t state_bytes() const { return static_cast<std::size_t>((moving_floats - trainable_floats) * 4); }
};

template <int Operations>
constexpr int count_tensors(const Resolution<Operations>& r) {
  int n = 0;
  if (r.failed < 0)
    for (const PlannedOperation& op : r.operations) n += op.operation->parameter_tensors;
  return n;
}

template <int Tensors, int Operations>
constexpr ParameterPlan<Operations, Tensors> plan_parameters(const Resolution<Operations>& r) {
  ParameterPlan<Operations, Tensors> plan;
  if (r.failed >= 0) return plan;
  int at = 0;
  for (int k = 0; k < Operations; ++k) {
    const auto i = static_cast<std::size_t>(k);
    const Operation& op = *r.operations[i].operation;
    Parameter own[16];
    op.parameters(r.shapes[static_cast<std::size_t>(r.operations[i].inputs[0])], own);
    plan.first[i] = at;
    const float rate = r.operations[i].told.learning_rate;
    for (int t = 0; t < op.parameter_tensors; ++t) {
      own[t].trainable = own[t].trainable && rate > 0;
      plan.segments[static_cast<std::size_t>(at++)] = {own[t], k, 0, rate};
    }
  }
  plan.first[static_cast<std::size_t>(Operations)] = at;
  const auto lay_out = [&plan](auto belongs) {
    for (Segment& s : plan.segments) {
      if (!belongs(s)) continue;
      s.offset = plan.floats;
      plan.floats += round_up(s.parameter.size(), floats_per_line);
      plan.count += s.parameter.size();
    }
  };
  for (const Segment& next : plan.segments) {
    const float rate = next.learning_rate_factor;
    bool is_known = !next.parameter.trainable;
    for (int known = 0; known < plan.rate_count; ++known)
      is_known = is_known || plan.rates[static_cast<std::size_t>(known)].factor == rate;
    if (is_known) continue;
    RateRange& range = plan.rates[static_cast<std::size_t>(plan.rate_count++)];
    range = {rate, plan.floats, 0};
    lay_out([rate](const Segment& s) { return s.parameter.trainable && s.learning_rate_factor == rate; });
    range.end = plan.floats;
  }
  plan.trainable_floats = plan.floats;
  plan.trainable_count = plan.count;
  lay_out([](const Segment& s) { return !s.parameter.trainable && s.learning_rate_factor > 0; });
  plan.moving_floats = plan.floats;
  lay_out([](const Segment& s) { return s.learning_rate_factor == 0; });
  return plan;
}

/// Where the tensors of a network begin in its arena, in floats, in the order of the operations; one more, so that the
/// place of no tensor is one too.
template <class Net>
inline constexpr auto tensor_offsets = [] {
  std::array<std::int64_t, Net::parameters.segments.size() + 1> at{};
  std::size_t i = 0;
  for (const Segment& s : Net::parameters.segments) at[i++] = s.offset;
  return at;
}();

}  // namespace detail
}  // namespace strata
