// describe: a network's summary, its fused groups and its memory map as text, from plain tables.
#pragma once

#include <strata/core/backend.hpp>
#include <strata/core/bytes.hpp>
#include <strata/core/text.hpp>
#include <strata/plan/architecture.hpp>
#include <strata/plan/plan.hpp>
#include <strata/plan/view.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <span>
#include <string>
#include <utility>
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
          .fixed = P::memory.kept_fixed + P::memory.fixed + P::memory.packing,
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
[[gnu::noinline, gnu::cold]] inline std::string with_commas(std::int64_t n) {
  const std::string digits = joined({n});
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

/// A table as text. The first row is a heading; cells from column `first_right` on are numbers, which end at the right.
class TextTable {
 public:
  TextTable(std::size_t columns, std::size_t first_right) : widths_(columns), first_right_(first_right) {}

  /// Adds a row, each piece a cell.
  [[gnu::noinline, gnu::cold]] void row(std::initializer_list<TextPiece> cells) {
    std::size_t column = 0;
    for (const TextPiece& piece : cells) {
      std::string cell;
      piece.append_to(cell);
      widths_[column] = std::max(widths_[column], cell.size());
      ++column;
      cells_.push_back(std::move(cell));
    }
  }

  [[gnu::noinline, gnu::cold]] std::string text() const {
    std::string text, line;
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      const std::size_t c = i % widths_.size(), padding = widths_[c] - cells_[i].size();
      if (c > 0) line.append(2, ' ');
      if (c >= first_right_) line.append(padding, ' ');
      line += cells_[i];
      if (c < first_right_) line.append(padding, ' ');
      if (c + 1 < widths_.size()) continue;
      const std::size_t width = line.size();
      while (line.back() == ' ') line.pop_back();
      append(text, {line, "\n"});
      if (i < widths_.size()) text.append(width, '-').append(1, '\n');
      line.clear();
    }
    return text;
  }

 private:
  std::vector<std::size_t> widths_;  // characters, by column
  std::vector<std::string> cells_;   // row by row
  std::size_t first_right_;
};

/// The table of operations and the totals. The first column counts the layers as they were written.
[[gnu::cold]] inline std::string layers_text(const NetworkView& net, const StepBytes& bytes) {
  const std::vector<std::string> names = operation_names(net);
  TextTable table(5, 3);
  table.row({"", "layer", "output", "parameters", "multiply-adds"});
  std::size_t s = 0;
  int layer = -1;
  for (std::size_t k = 0; k < net.operations.size(); ++k) {
    const PlannedOperation& op = net.operations[k];
    std::int64_t parameters = 0;
    for (; s < net.segments.size() && net.segments[s].operation == static_cast<int>(k); ++s)
      parameters += net.segments[s].parameter.size();
    const std::int64_t flops = op.operation->flops(net.shapes[static_cast<std::size_t>(op.inputs[0])]);
    table.row({op.layer == layer ? TextPiece("") : TextPiece(op.layer + 1), names[k],
               to_string(net.shapes[static_cast<std::size_t>(op.output)]), with_commas(parameters),
               with_commas(flops / 2)});
    layer = op.layer;
  }
  return joined({"input ",
                 to_string(net.shapes[0]),
                 ", bytes as ",
                 net.preprocessing.name,
                 "\n\n",
                 table.text(),
                 "\nparameters: ",
                 with_commas(net.parameter_count),
                 ", trainable ",
                 with_commas(net.trainable_count),
                 ", not trainable ",
                 with_commas(net.parameter_count - net.trainable_count),
                 "\noperations per sample: ",
                 with_commas(net.flops),
                 " (a multiply-add counts 2)",
                 "\nmemory, batch of ",
                 bytes.batch,
                 ", one thread: prediction ",
                 readable_bytes(bytes.inference),
                 "; training ",
                 readable_bytes(bytes.training),
                 ", and ",
                 readable_bytes(bytes.moment),
                 " for each moment that the optimizer keeps\nfingerprint: ",
                 fingerprint(net),
                 "\n"});
}

/// The fused groups of a plan.
[[gnu::cold]] inline std::string groups_text(const NetworkView& net, const PlanView& plan) {
  const std::vector<std::string> names = operation_names(net);
  TextTable table(4, 4);
  table.row({"group", "operations", "from", "to"});
  int number = 0;
  for (const FusedGroup& g : plan.groups) {
    std::string operations;
    for (int k = g.first; k < g.first + g.count; ++k)
      append(operations, {k > g.first ? " + " : "", names[static_cast<std::size_t>(k)]});
    table.row({++number, operations, to_string(net.shapes[static_cast<std::size_t>(g.input)]),
               to_string(net.shapes[static_cast<std::size_t>(g.output)])});
  }
  return joined({plan.mode == Mode::training ? "groups in training" : "groups in inference", "\n\n", table.text()});
}

/// What happens in a step of the plan's time line (plan/memory.hpp).
[[gnu::cold]] inline std::string moment_text(const PlanView& plan, int step) {
  const int groups = static_cast<int>(plan.groups.size());
  if (step == 0) return "load";
  if (step <= groups) return joined({"forward ", step});
  if (step == groups + 1) return plan.mode == Mode::training ? "loss" : "result";
  return joined({"backward ", 2 * groups + 2 - step});
}

/// What a buffer holds.
[[gnu::cold]] inline std::string buffer_text(const Buffer& b, const std::vector<std::string>& names) {
  auto value = [&] {
    return b.owner == 0 ? std::string("input") : joined({"output of ", names[static_cast<std::size_t>(b.owner - 1)]});
  };
  switch (b.kind) {
    case Buffer::Kind::value:
      return value();
    case Buffer::Kind::gradient:
      return joined({"gradient of ", value()});
    case Buffer::Kind::saved:
      return joined({value(), ", for backward"});
    case Buffer::Kind::kept:
      return joined({"kept by group ", b.owner + 1, " for backward"});
    case Buffer::Kind::scratch:
      return joined({"scratch of group ", b.owner + 1});
    case Buffer::Kind::samples:
      return "index and loss of each sample";
  }
  return "";
}

/// The buffers of a plan.
[[gnu::cold]] inline std::string memory_text(const NetworkView& net, const PlanView& plan) {
  const std::vector<std::string> names = operation_names(net);
  TextTable table(5, 3);
  table.row({"buffer", "written in", "last read in", "bytes", "offset"});
  std::int64_t apart = 0;
  for (const Buffer& b : plan.buffers) {
    table.row({buffer_text(b, names), moment_text(plan, b.born), moment_text(plan, b.dies), with_commas(b.size),
               with_commas(b.offset)});
    apart += b.size;
  }
  return joined({plan.mode == Mode::training ? "memory of a training step" : "memory of a prediction",
                 ", bytes for each sample\n\n", table.text(), "\ntogether ", with_commas(plan.per_sample),
                 " bytes a sample (", with_commas(apart), " if no two buffers shared memory), ",
                 with_commas(plan.fixed), " once, ", with_commas(plan.per_thread), " a thread\n"});
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
      for (const PlanView& plan : plans) append(text, {"\n", detail::groups_text(net, plan)});
    if (static_cast<int>(details) & static_cast<int>(Details::memory))
      for (const PlanView& plan : plans) append(text, {"\n", detail::memory_text(net, plan)});
  }
  return text;
}

/// Prints text on standard output.
inline void print(const std::string& text) { std::fputs(text.c_str(), stdout); }

}  // namespace strata
