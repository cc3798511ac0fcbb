// Memory by lifetime: every buffer of a step gets an offset, and buffers that are never alive together share bytes.
#pragma once

#include <strata/plan/fuse.hpp>
#include <strata/plan/parameters.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace strata {

/// Bytes that the kernels of a group ask for besides the values of the plan. The backend tells them.
struct Requirements {
  std::int64_t kept_per_sample = 0;            ///< from forward to backward, for each sample: a pooling's indices
  std::int64_t kept_fixed = 0;                 ///< from forward to backward, once: a batch's statistics
  std::int64_t forward_per_sample = 0;         ///< scratch of forward, for each sample
  std::int64_t backward_per_sample = 0;        ///< scratch of backward, for each sample
  std::int64_t input_gradient_per_sample = 0;  ///< more of it where the input's gradient is wanted
  std::int64_t fixed = 0;                      ///< scratch of forward or backward, once
  std::int64_t packing = 0;                    ///< once, for parameters that a prediction packs if nobody did before
  std::int64_t per_thread = 0;                 ///< scratch of forward or backward, for each thread
};

/// A buffer of a step. Offsets and sizes are bytes per sample, multiples of 64; the executor multiplies by the batch.
struct Buffer {
  enum class Kind { value, gradient, saved, kept, scratch, samples };
  Kind kind = Kind::value;
  int owner = 0;  ///< value for value, gradient and saved; group for kept and scratch
  int born = 0;   ///< first step of the time line that writes it
  int dies = 0;   ///< last step that reads it
  std::int64_t size = 0;
  std::int64_t offset = 0;
};

namespace detail {

/// Bytes of one sample of a shape, rounded up to a cache line.
constexpr std::int64_t sample_bytes(const Shape& s) { return round_up(s.size() * 4, line_bytes); }

/// Gives each buffer an offset and returns the height of the pile. Walks the time line, forward or backward; at each
/// step buffers whose time is over leave gaps, and new ones take the first gap that fits. The gaps are kept sorted and
/// merged, and stay few, so the cost is near linear (constant evaluation counts every step).
template <std::size_t Max>
constexpr std::int64_t place(std::array<Buffer, Max>& buffers, int count, int steps, bool backward) {
  struct Gap {
    std::int64_t begin, end;
  };
  std::array<Gap, Max + 1> gaps{};
  int gap_count = 0;
  std::int64_t top = 0;

  // Buffers by the step in which they come and go: heads of linked lists, in the order of the buffers.
  std::array<int, Max + 1> next_coming{}, next_going{};
  std::array<int, 4 * Max + 8> coming{}, going{};
  for (std::size_t s = 0; s < static_cast<std::size_t>(steps); ++s) coming[s] = going[s] = -1;
  for (int i = count - 1; i >= 0; --i) {
    const auto b = static_cast<std::size_t>(i);
    const auto begin = static_cast<std::size_t>(backward ? steps - 1 - buffers[b].dies : buffers[b].born);
    const auto end = static_cast<std::size_t>(backward ? steps - 1 - buffers[b].born : buffers[b].dies);
    next_coming[b] = coming[begin];
    coming[begin] = i;
    next_going[b] = going[end];
    going[end] = i;
  }
  auto release = [&](std::int64_t begin, std::int64_t end) {
    int at = gap_count;
    while (at > 0 && gaps[static_cast<std::size_t>(at - 1)].begin > begin) --at;
    const bool joins_left = at > 0 && gaps[static_cast<std::size_t>(at - 1)].end == begin;
    const bool joins_right = at < gap_count && gaps[static_cast<std::size_t>(at)].begin == end;
    if (joins_left && joins_right) {
      gaps[static_cast<std::size_t>(at - 1)].end = gaps[static_cast<std::size_t>(at)].end;
      for (int i = at; i + 1 < gap_count; ++i)
        gaps[static_cast<std::size_t>(i)] = gaps[static_cast<std::size_t>(i + 1)];
      --gap_count;
    } else if (joins_left) {
      gaps[static_cast<std::size_t>(at - 1)].end = end;
    } else if (joins_right) {
      gaps[static_cast<std::size_t>(at)].begin = begin;
    } else {
      for (int i = gap_count; i > at; --i) gaps[static_cast<std::size_t>(i)] = gaps[static_cast<std::size_t>(i - 1)];
      gaps[static_cast<std::size_t>(at)] = {begin, end};
      ++gap_count;
    }
    if (gap_count > 0 && gaps[static_cast<std::size_t>(gap_count - 1)].end == top)
      top = gaps[static_cast<std::size_t>(--gap_count)].begin;
  };

  std::int64_t height = 0;
  for (int step = 0; step < steps; ++step) {
    if (step > 0)
      for (int i = going[static_cast<std::size_t>(step - 1)]; i >= 0; i = next_going[static_cast<std::size_t>(i)]) {
        const Buffer& b = buffers[static_cast<std::size_t>(i)];
        if (b.size > 0) release(b.offset, b.offset + b.size);
      }
    for (int i = coming[static_cast<std::size_t>(step)]; i >= 0; i = next_coming[static_cast<std::size_t>(i)]) {
      Buffer& b = buffers[static_cast<std::size_t>(i)];
      int fit = 0;
      while (fit < gap_count &&
             gaps[static_cast<std::size_t>(fit)].end - gaps[static_cast<std::size_t>(fit)].begin < b.size)
        ++fit;
      if (fit == gap_count) {
        b.offset = top;
        top += b.size;
        if (top > height) height = top;
        continue;
      }
      Gap& gap = gaps[static_cast<std::size_t>(fit)];
      b.offset = gap.begin;
      gap.begin += b.size;
      if (gap.begin == gap.end) {
        for (int g = fit; g + 1 < gap_count; ++g)
          gaps[static_cast<std::size_t>(g)] = gaps[static_cast<std::size_t>(g + 1)];
        --gap_count;
      }
    }
  }
  return height;
}

/// What the plan wants to know of a group to lay out its buffers.
struct GroupNeeds {
  Requirements requirements{};
  bool reads_input = false;   ///< backward reads the group's input
  bool reads_output = false;  ///< backward reads the group's output
};

/// Offsets of a group's buffers; -1 where there is none. Offsets of fixed buffers are bytes, the others bytes per
/// sample.
struct GroupPlace {
  std::int64_t input = -1, output = -1;
  std::int64_t input_gradient = -1, output_gradient = -1;
  std::int64_t kept = -1, kept_fixed = -1;
  std::int64_t forward_scratch = -1, backward_scratch = -1;
};

/// The memory of one step. `Saved` counts the values inside groups that backward asks for.
template <int Operations>
struct MemoryPlan {
  static constexpr std::size_t most = 7 * static_cast<std::size_t>(Operations) + 8;
  std::array<Buffer, most> buffers{};
  int buffer_count = 0;
  int steps = 0;
  std::array<GroupPlace, static_cast<std::size_t>(Operations) + 1> groups{};
  std::array<std::int64_t, static_cast<std::size_t>(Operations) + 1> saved{};  ///< by value, -1 where not stored
  std::int64_t samples = 0;     ///< offset of the per-sample records (label, loss, rank), 64 bytes each
  std::int64_t per_sample = 0;  ///< bytes of all buffers, for each sample of the batch
  std::int64_t kept_fixed = 0;  ///< bytes that outlive forward, once
  std::int64_t fixed = 0;       ///< bytes of the largest fixed scratch
  std::int64_t packing = 0;     ///< bytes of the largest room for parameters that are packed in the call
  std::int64_t per_thread = 0;  ///< bytes of the largest scratch of a thread
  int first_backward = 0;       ///< the first group that backward visits: nothing before it can be trained
};

/// Lays out the buffers of a step. The time line: step 0 loads the batch, step 1 + g runs group g forward; in training
/// the loss comes next, and then the groups backward, last to first.
template <int N>
constexpr MemoryPlan<N> plan_memory(const Grouping<N>& grouping,
                                    const std::array<Shape, static_cast<std::size_t>(N) + 1>& shapes,
                                    const std::array<GroupNeeds, static_cast<std::size_t>(N) + 1>& needs,
                                    const std::array<bool, static_cast<std::size_t>(N) + 1>& stored,
                                    const std::array<bool, static_cast<std::size_t>(N) + 1>& trains, Mode mode) {
  MemoryPlan<N> plan;
  const int groups = grouping.count;
  const bool training = mode == Mode::training;
  const int loss = groups + 1;
  auto forward = [](int g) { return 1 + g; };
  auto backward = [=](int g) { return loss + groups - g; };
  plan.steps = training ? loss + groups + 1 : loss + 1;
  plan.saved.fill(-1);

  plan.first_backward = groups;
  if (training)
    for (int g = groups - 1; g >= 0; --g)
      if (trains[static_cast<std::size_t>(g)]) plan.first_backward = g;

  auto visits = [&](int g) { return training && g >= plan.first_backward; };
  auto add = [&](Buffer::Kind kind, int owner, int born, int dies, std::int64_t size) {
    plan.buffers[static_cast<std::size_t>(plan.buffer_count++)] = {kind, owner, born, dies, size, 0};
  };
  // A value's last reader: the next group or the loss, their backward, or backward of the group that made it.
  auto last_use = [&](int maker, int reader) {
    int dies = reader < groups ? forward(reader) : loss;
    if (reader < groups && visits(reader) && needs[static_cast<std::size_t>(reader)].reads_input)
      dies = backward(reader);
    if (maker >= 0 && visits(maker) && needs[static_cast<std::size_t>(maker)].reads_output && backward(maker) > dies)
      dies = backward(maker);
    return dies;
  };

  add(Buffer::Kind::value, 0, 0, last_use(-1, 0), sample_bytes(shapes[0]));
  add(Buffer::Kind::samples, 0, 0, plan.steps - 1, line_bytes);
  for (int g = 0; g < groups; ++g) {
    const FusedGroup& group = grouping.groups[static_cast<std::size_t>(g)];
    const Requirements& r = needs[static_cast<std::size_t>(g)].requirements;
    add(Buffer::Kind::value, group.output, forward(g), last_use(g, g + 1),
        sample_bytes(shapes[static_cast<std::size_t>(group.output)]));
    if (r.forward_per_sample > 0)
      add(Buffer::Kind::scratch, g, forward(g), forward(g), round_up(r.forward_per_sample, line_bytes));
    if (visits(g)) {
      for (int k = group.first; k < group.first + group.count - 1; ++k)
        if (stored[static_cast<std::size_t>(k) + 1])
          add(Buffer::Kind::saved, k + 1, forward(g), backward(g),
              sample_bytes(shapes[static_cast<std::size_t>(k) + 1]));
      if (r.kept_per_sample > 0)
        add(Buffer::Kind::kept, g, forward(g), backward(g), round_up(r.kept_per_sample, line_bytes));
    }
    if (training && r.kept_fixed > 0) {
      plan.groups[static_cast<std::size_t>(g)].kept_fixed = plan.kept_fixed;
      plan.kept_fixed += round_up(r.kept_fixed, line_bytes);
    }
    if (r.fixed > plan.fixed) plan.fixed = round_up(r.fixed, line_bytes);
    if (r.packing > plan.packing) plan.packing = round_up(r.packing, line_bytes);
    if (r.per_thread > plan.per_thread) plan.per_thread = round_up(r.per_thread, line_bytes);
  }
  for (int g = groups - 1; visits(g); --g) {
    const FusedGroup& group = grouping.groups[static_cast<std::size_t>(g)];
    const Requirements& r = needs[static_cast<std::size_t>(g)].requirements;
    if (g == groups - 1)
      add(Buffer::Kind::gradient, group.output, loss, backward(g),
          sample_bytes(shapes[static_cast<std::size_t>(group.output)]));
    if (g > plan.first_backward)
      add(Buffer::Kind::gradient, group.input, backward(g), backward(g - 1),
          sample_bytes(shapes[static_cast<std::size_t>(group.input)]));
    const std::int64_t scratch = r.backward_per_sample + (g > plan.first_backward ? r.input_gradient_per_sample : 0);
    if (scratch > 0) add(Buffer::Kind::scratch, g, backward(g), backward(g), round_up(scratch, line_bytes));
    if (g == 0) break;
  }

  // Training piles up until the loss and then shrinks, so it packs best from its end; prediction mostly from its begin.
  const std::int64_t from_end = place(plan.buffers, plan.buffer_count, plan.steps, true);
  plan.per_sample = place(plan.buffers, plan.buffer_count, plan.steps, false);
  if (from_end < plan.per_sample) plan.per_sample = place(plan.buffers, plan.buffer_count, plan.steps, true);

  // Hand the offsets to those who read them.
  std::array<std::int64_t, static_cast<std::size_t>(N) + 1> value{}, gradient{};
  value.fill(-1);
  gradient.fill(-1);
  for (int i = 0; i < plan.buffer_count; ++i) {
    const Buffer& b = plan.buffers[static_cast<std::size_t>(i)];
    const auto owner = static_cast<std::size_t>(b.owner);
    switch (b.kind) {
      case Buffer::Kind::value:
        value[owner] = b.offset;
        break;
      case Buffer::Kind::gradient:
        gradient[owner] = b.offset;
        break;
      case Buffer::Kind::saved:
        plan.saved[owner] = b.offset;
        break;
      case Buffer::Kind::kept:
        plan.groups[owner].kept = b.offset;
        break;
      case Buffer::Kind::samples:
        plan.samples = b.offset;
        break;
      case Buffer::Kind::scratch:
        (b.born <= loss ? plan.groups[owner].forward_scratch : plan.groups[owner].backward_scratch) = b.offset;
        break;
    }
  }
  for (int g = 0; g < groups; ++g) {
    const FusedGroup& group = grouping.groups[static_cast<std::size_t>(g)];
    GroupPlace& p = plan.groups[static_cast<std::size_t>(g)];
    p.input = value[static_cast<std::size_t>(group.input)];
    p.output = value[static_cast<std::size_t>(group.output)];
    p.input_gradient = gradient[static_cast<std::size_t>(group.input)];
    p.output_gradient = gradient[static_cast<std::size_t>(group.output)];
  }
  return plan;
}

}  // namespace detail
}  // namespace strata
