// describe: a network's summary, its fused groups and its memory map as text, from plain tables.
#pragma once

#include <strata/core/backend.hpp>
#include <strata/plan/architecture.hpp>
#include <strata/plan/plan.hpp>
#include <strata/plan/view.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

namespace strata {

/// What describe tells besides the layers; combine with `|`.
enum class Details {
  layers = 0,  ///< the table of layers and the totals, which are always there
  groups = 1,  ///< which operations run as one kernel, for training and for inference
  memory = 2   ///< every buffer of a training step and of a prediction: size, place, life
};

constexpr Details operator|(Details a, Details b) {
  return static_cast<Details>(static_cast<int>(a) | static_cast<int>(b));
}

/// A Plan as plain values.
struct PlanView {
  Mode mode = Mode::inference;
  std::span<const FusedGroup> groups;
  std::span<const Buffer> buffers;
  int operations = 0;           ///< those that run: a loss on logits drops a closing softmax
  std::int64_t per_sample = 0;  ///< bytes for each sample of the batch
  std::int64_t fixed = 0;       ///< bytes once
  std::int64_t per_thread = 0;  ///< bytes for each thread
};

/// The view of a Plan. It refers to constants of the type and lives as long as the program.
template <class P>
PlanView plan_view_of() {
  return {.mode = P::mode,
          .groups = std::span<const FusedGroup>(P::grouping.groups).first(static_cast<std::size_t>(P::groups)),
          .buffers = std::span<const Buffer>(P::memory.buffers).first(static_cast<std::size_t>(P::memory.buffer_count)),
          .operations = P::operations,
          .per_sample = P::memory.per_sample,
          .fixed = P::memory.kept_fixed + P::memory.fixed,
          .per_thread = P::memory.per_thread};
}

namespace detail {

/// Bytes of a whole step, and the batch and the threads they are for.
struct StepBytes {
  int batch = 0;
  std::size_t inference = 0;  ///< as Network::inference_bytes
  std::size_t training = 0;   ///< as Network::training_bytes, for an optimizer without moments
  std::size_t moment = 0;     ///< for each moment of the optimizer
};

/// An optimizer of which nothing is known but how many moments it keeps.
struct KeepsMoments {
  int count = 0;
  constexpr int state_slots() const { return count; }
};

/// "1,234,567".
inline std::string with_commas(std::int64_t n) {
  std::string text = std::to_string(n);
  for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

/// "1.5 MiB".
inline std::string readable_bytes(std::size_t bytes) {
  const char* units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  double amount = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; amount >= 1024 && unit < 4; ++unit) amount /= 1024;
  char text[32];
  std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", amount, units[unit]);
  return text;
}

/// Cells, row by row, as lines of columns; the first row is a heading. Cells from column `first_right` on are numbers,
/// which end at the right.
inline std::string table_text(const std::vector<std::string>& cells, std::size_t columns, std::size_t first_right) {
  std::vector<std::size_t> widths(columns);
  for (std::size_t i = 0; i < cells.size(); ++i) widths[i % columns] = std::max(widths[i % columns], cells[i].size());
  std::string text, line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::size_t c = i % columns;
    const std::string padding(widths[c] - cells[i].size(), ' ');
    line += (c > 0 ? "  " : "") + (c < first_right ? cells[i] + padding : padding + cells[i]);
    if (c + 1 < columns) continue;
    const std::string rule(line.size(), '-');
    while (line.back() == ' ') line.pop_back();
    text += line + "\n";
    if (i < columns) text += rule + "\n";
    line.clear();
  }
  return text;
}

/// The table of operations and the totals. The first column counts the layers as they were written.
inline std::string layers_text(const NetworkView& net, const StepBytes& bytes) {
  const std::vector<std::string> names = operation_names(net);
  std::vector<std::string> cells{"", "layer", "output", "parameters", "multiply-adds"};
  std::size_t s = 0;
  int layer = -1;
  for (std::size_t k = 0; k < net.operations.size(); ++k) {
    const PlannedOperation& op = net.operations[k];
    std::int64_t parameters = 0;
    for (; s < net.segments.size() && net.segments[s].operation == static_cast<int>(k); ++s)
      parameters += net.segments[s].parameter.size();
    const std::int64_t flops = op.operation->flops(net.shapes[static_cast<std::size_t>(op.inputs[0])]);
    for (const std::string& cell :
         {op.layer == layer ? std::string() : std::to_string(op.layer + 1), names[k],
          to_string(net.shapes[static_cast<std::size_t>(op.output)]), with_commas(parameters), with_commas(flops / 2)})
      cells.push_back(cell);
    layer = op.layer;
  }
  return "input " + to_string(net.shapes[0]) + ", bytes as " + net.preprocessing.name + "\n\n" +
         table_text(cells, 5, 3) + "\nparameters: " + with_commas(net.parameter_count) + ", trainable " +
         with_commas(net.trainable_count) + ", not trainable " +
         with_commas(net.parameter_count - net.trainable_count) + "\noperations per sample: " + with_commas(net.flops) +
         " (a multiply-add counts 2)" + "\nmemory, batch of " + std::to_string(bytes.batch) +
         ", one thread: prediction " + readable_bytes(bytes.inference) + "; training " +
         readable_bytes(bytes.training) + ", and " + readable_bytes(bytes.moment) +
         " for each moment that the optimizer keeps\nfingerprint: " + fingerprint(net) + "\n";
}

/// The fused groups of a plan.
inline std::string groups_text(const NetworkView& net, const PlanView& plan) {
  const std::vector<std::string> names = operation_names(net);
  std::vector<std::string> cells{"group", "operations", "from", "to"};
  for (const FusedGroup& g : plan.groups) {
    std::string operations;
    for (int k = g.first; k < g.first + g.count; ++k)
      operations += (k > g.first ? " + " : "") + names[static_cast<std::size_t>(k)];
    for (const std::string& cell :
         {std::to_string(cells.size() / 4), operations, to_string(net.shapes[static_cast<std::size_t>(g.input)]),
          to_string(net.shapes[static_cast<std::size_t>(g.output)])})
      cells.push_back(cell);
  }
  return std::string(plan.mode == Mode::training ? "groups in training" : "groups in inference") + "\n\n" +
         table_text(cells, 4, 4);
}

/// What happens in a step of the plan's time line (plan/memory.hpp).
inline std::string moment_text(const PlanView& plan, int step) {
  const int groups = static_cast<int>(plan.groups.size());
  if (step == 0) return "load";
  if (step <= groups) return "forward " + std::to_string(step);
  if (step == groups + 1) return plan.mode == Mode::training ? "loss" : "result";
  return "backward " + std::to_string(2 * groups + 2 - step);
}

/// What a buffer holds.
inline std::string buffer_text(const Buffer& b, const std::vector<std::string>& names) {
  auto value = [&] {
    return b.owner == 0 ? std::string("input") : "output of " + names[static_cast<std::size_t>(b.owner - 1)];
  };
  switch (b.kind) {
    case Buffer::Kind::value:
      return value();
    case Buffer::Kind::gradient:
      return "gradient of " + value();
    case Buffer::Kind::saved:
      return value() + ", for backward";
    case Buffer::Kind::kept:
      return "kept by group " + std::to_string(b.owner + 1) + " for backward";
    case Buffer::Kind::scratch:
      return "scratch of group " + std::to_string(b.owner + 1);
    case Buffer::Kind::samples:
      return "index and loss of each sample";
  }
  return "";
}

/// The buffers of a plan.
inline std::string memory_text(const NetworkView& net, const PlanView& plan) {
  const std::vector<std::string> names = operation_names(net);
  std::vector<std::string> cells{"buffer", "written in", "last read in", "bytes", "offset"};
  std::int64_t apart = 0;
  for (const Buffer& b : plan.buffers) {
    for (const std::string& cell : {buffer_text(b, names), moment_text(plan, b.born), moment_text(plan, b.dies),
                                    with_commas(b.size), with_commas(b.offset)})
      cells.push_back(cell);
    apart += b.size;
  }
  return std::string(plan.mode == Mode::training ? "memory of a training step" : "memory of a prediction") +
         ", bytes for each sample\n\n" + table_text(cells, 5, 3) + "\ntogether " + with_commas(plan.per_sample) +
         " bytes a sample (" + with_commas(apart) + " if no two buffers shared memory), " + with_commas(plan.fixed) +
         " once, " + with_commas(plan.per_thread) + " a thread\n";
}

}  // namespace detail

/// The network as people read it, in the manner of Keras' summary(): a row for each operation with its output's shape,
/// its parameters and multiply-adds for one sample; then the totals, and the memory for a `batch` of samples. The first
/// column numbers the layers as they were written; the names are those of the tensors in files.
///
///     print(describe<Net>());
///     print(describe<Net>(Details::groups | Details::memory));
template <class Net, class Backend = Cpu<>>
std::string describe(Details details = Details::layers, int batch = 32) {
  std::string text;
  if constexpr (Net::valid) {
    const NetworkView net = view_of<Net>();
    const std::size_t training = Net::template training_bytes<Backend>(batch, detail::KeepsMoments{0});
    text = detail::layers_text(net, {batch, Net::template inference_bytes<Backend>(batch), training,
                                     Net::template training_bytes<Backend>(batch, detail::KeepsMoments{1}) - training});
    const PlanView plans[] = {plan_view_of<Plan<Net, Mode::training, Backend, LossOnLogits>>(),
                              plan_view_of<Plan<Net, Mode::inference, Backend>>()};
    if (static_cast<int>(details) & static_cast<int>(Details::groups))
      for (const PlanView& plan : plans) text += "\n" + detail::groups_text(net, plan);
    if (static_cast<int>(details) & static_cast<int>(Details::memory))
      for (const PlanView& plan : plans) text += "\n" + detail::memory_text(net, plan);
  }
  return text;
}

/// Prints text on standard output.
inline void print(const std::string& text) { std::fputs(text.c_str(), stdout); }

}  // namespace strata
