// A network as plain values: what files, summaries and initialisation read, in code that is compiled once.
#pragma once

#include <strata/core/text.hpp>
#include <strata/plan/network.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace strata {

/// The input's preprocessing: value = byte * scale(channel) + offset(channel).
struct PreprocessingView {
  const char* name = "";
  bool reverses_channels = false;
  double (*scale)(int channel) = nullptr;
  double (*offset)(int channel) = nullptr;
};

/// Everything about a network that is not its kernels, free of its type.
struct NetworkView {
  std::span<const detail::PlannedOperation> operations;
  std::span<const Shape> shapes;      ///< by value; 0 is the input
  std::span<const Segment> segments;  ///< every tensor of the arena, in the order of the operations
  std::int64_t floats = 0;            ///< of the arena, gaps included
  std::size_t arena_bytes = 0;        ///< of the arena and the slack behind it
  std::int64_t trainable_floats = 0;  ///< of the arena's trainable part, which comes first
  std::int64_t parameter_count = 0;
  std::int64_t trainable_count = 0;
  std::int64_t flops = 0;  ///< of one sample's forward pass
  PreprocessingView preprocessing{};
};

/// The view of a Network. It refers to constants of the type and lives as long as the program.
template <class Net>
NetworkView view_of() {
  using P = typename Net::input::preprocessing;
  return {.operations = Net::resolution.operations,
          .shapes = Net::resolution.shapes,
          .segments = Net::parameters.segments,
          .floats = Net::parameters.floats,
          .arena_bytes = Net::parameters.arena_bytes(),
          .trainable_floats = Net::parameters.trainable_floats,
          .parameter_count = Net::parameter_count,
          .trainable_count = Net::trainable_count,
          .flops = Net::flops,
          .preprocessing = {P::name, P::reverses_channels, [](int c) { return static_cast<double>(P::scale(c)); },
                            [](int c) { return static_cast<double>(P::offset(c)); }}};
}

/// Readable names of the operations: the kind and a running number of that kind, "conv_1", "conv_2", "dense_1". In a
/// named block they are counted for themselves: "block3_conv1".
[[gnu::cold]] inline std::vector<std::string> operation_names(const NetworkView& net) {
  const auto in_one_block = [](const char* a, const char* b) {
    return a == b || (a != nullptr && b != nullptr && std::string_view(a) == b);
  };
  std::vector<std::string> names;
  for (const detail::PlannedOperation& op : net.operations) {
    const std::string_view kind = op.operation->name;
    int number = 1;
    for (const detail::PlannedOperation& before : net.operations.first(names.size()))
      if (kind == before.operation->name && in_one_block(op.told.block, before.told.block)) ++number;
    names.push_back(op.told.block == nullptr ? joined({kind, "_", number})
                                             : joined({op.told.block, "_", kind, number}));
  }
  return names;
}

/// Names of all tensors in the order of the segments: "conv_1/kernel", "conv_1/bias".
[[gnu::cold]] inline std::vector<std::string> tensor_names(const NetworkView& net) {
  const std::vector<std::string> operations = operation_names(net);
  std::vector<std::string> names;
  for (const Segment& s : net.segments)
    names.push_back(joined({operations[static_cast<std::size_t>(s.operation)], "/", s.parameter.name}));
  return names;
}

}  // namespace strata
