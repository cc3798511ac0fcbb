// One fused group, run by itself in memory that shows every read and write out of place.
#pragma once

#include <strata/cpu/backend.hpp>

#include <layers/guarded.hpp>
#include <layers/numbers.hpp>

#include <memory>
#include <string>
#include <vector>

namespace layer_test {

using strata::Shape;

/// A GroupSpec as values, for kernels that take Args.
template <class Args>
struct GroupOf {
  std::string name;
  strata::Mode mode{};
  std::vector<Shape> shapes;  ///< by value of the group
  std::vector<bool> stores;   ///< by value of the group
  bool reads_input = false, reads_output = false;
  strata::Requirements requirements{};
  std::vector<strata::Parameter> tensors;
  void (*forward)(const Args&) = nullptr;
  void (*backward)(const Args&) = nullptr;
  void (*backward_without_input)(const Args&) = nullptr;

  std::size_t last() const { return shapes.size() - 1; }
};

using Group = GroupOf<strata::cpu::GroupArgs>;

/// What a backend's kernels take, and those of a group.
template <class Backend>
struct kernels_on;

template <strata::Convolution C, strata::Isa I>
struct kernels_on<strata::Cpu<C, I>> {
  using Args = strata::cpu::GroupArgs;
  template <class G>
  using of = typename strata::cpu::kernel_of<G>::type;
};

/// The values of GroupSpec G.
template <class G>
struct group_values;

template <class Backend, strata::Mode M, class In, class... Ops>
struct group_values<strata::GroupSpec<Backend, M, In, Ops...>> {
  using Values = GroupOf<typename kernels_on<Backend>::Args>;

  static Values make() {
    using G = strata::GroupSpec<Backend, M, In, Ops...>;
    using Kernel = typename kernels_on<Backend>::template of<G>;
    Values g;
    g.mode = M;
    g.shapes.assign(G::shapes.begin(), G::shapes.end());
    for (int v = 0; v <= G::size; ++v) g.stores.push_back(G::stores(v));
    g.reads_input = G::reads_input;
    g.reads_output = G::reads_output;
    g.requirements = Backend::template requirements<G>();
    g.forward = &Kernel::template forward<G>;
    if constexpr (M == strata::Mode::training) {
      g.backward = &Kernel::template backward<G, true>;
      g.backward_without_input = &Kernel::template backward<G, false>;
    }
    g.name = strata::to_string(In::shape);
    std::size_t v = 0;
    (add<Ops>(g, g.shapes[v++]), ...);
    return g;
  }

 private:
  template <class Op>
  static void add(Values& g, Shape in) {
    g.name += std::string(" -> ") + Op::name;
    for (const strata::Attribute& a : Op::attributes()) g.name += " " + std::to_string(a.value);
    for (const strata::Parameter& p : Op::parameters(in)) g.tensors.push_back(p);
  }
};

/// A group with the memory its plan promises, and slack behind each buffer. A backend's own run of it adds what
/// else its kernels take.
template <class Args>
class GroupMemory {
 public:
  GroupMemory(const GroupOf<Args>& group, int batch) : group_(group), batch_(batch) {
    args_.batch = batch;
    args_.key = key;
    args_.layer = layer;
    const auto n = static_cast<std::size_t>(batch);
    auto line = [](std::int64_t bytes) {
      return static_cast<std::size_t>(strata::detail::round_up(bytes, strata::detail::line_bytes));
    };
    auto sample = [&](std::size_t v) {
      return static_cast<std::size_t>(strata::detail::sample_bytes(group.shapes[v]));
    };
    const strata::Requirements& r = group.requirements;
    input_ = buffer(n * sample(0));
    output_ = buffer(n * sample(group.last()));
    output_gradient_ = buffer(n * sample(group.last()));
    input_gradient_ = buffer(n * sample(0));
    kept_ = buffer(n * line(r.kept_per_sample));
    kept_fixed_ = buffer(line(r.kept_fixed));
    forward_scratch_ = buffer(n * line(r.forward_per_sample));
    backward_scratch_ = buffer(n * line(r.backward_per_sample + r.input_gradient_per_sample));
    fixed_ = buffer(line(r.fixed));
    packing_ = buffer(line(r.packing));
    std::int64_t saved = 0;
    for (std::size_t v = 0; v < group.shapes.size(); ++v) {
      saved_.push_back(group.stores[v] ? saved : -1);
      if (group.stores[v]) saved += static_cast<std::int64_t>(sample(v));
    }
    workspace_ = buffer(n * static_cast<std::size_t>(saved));
    // A row between tensors stays free, so that nobody writes over an end unseen.
    std::int64_t floats = 0;
    for (const bool trainable : {true, false})
      for (std::size_t t = 0; t < group.tensors.size(); ++t) {
        offsets_.resize(group.tensors.size());
        if (group.tensors[t].trainable != trainable) continue;
        offsets_[t] = floats;
        floats += strata::detail::round_up(group.tensors[t].size(), 16) + 16;
      }
    arena_ = buffer(static_cast<std::size_t>(floats) * 4);
    gradients_ = buffer(static_cast<std::size_t>(floats) * 4);
    args_.offsets = offsets_.data();
    args_.arena = arena_->floats();
    if (group.mode == strata::Mode::training) args_.state = arena_->floats();
  }

  static constexpr strata::philox::Key key{0x123456789abcdef};
  static constexpr std::uint32_t step = 7, layer = 5;

  void set_input(const reference::Tensor& x) { scatter(x, *input_, group_.shapes.front()); }

  void set_parameter(std::size_t t, const reference::Tensor& p) {
    for (std::size_t i = 0; i < p.size(); ++i) arena_->floats()[offset(t) + i] = static_cast<float>(p.value[i]);
  }

  /// Runs forward. Without `keeps` it is told to keep nothing, as in groups behind which nothing is trained.
  void forward(bool keeps) {
    output_->wipe();
    for (Guarded* b : scratch_) b->wipe();
    fixed_->wipe();
    packing_->wipe();
    Args a = args_;
    if constexpr (requires { a.packing; }) a.packing = packing_->data();  // the CPU's alone
    a.input = input_->floats();
    a.output = output_->floats();
    const std::vector<std::int64_t> nothing(saved_.size(), -1);
    a.workspace = workspace_->data();
    a.saved = keeps ? saved_.data() : nothing.data();
    a.kept = keeps && group_.requirements.kept_per_sample > 0 ? kept_->data() : nullptr;
    a.kept_fixed = kept_fixed_->data();
    a.scratch = forward_scratch_->data();
    a.fixed = fixed_->data();
    group_.forward(a);
  }

  /// Runs backward, after the plan may have given away everything that this group does not claim to read.
  void backward(const reference::Tensor& dy, bool input_gradient) {
    scatter(dy, *output_gradient_, group_.shapes.back());
    for (Guarded* b : {fixed_, forward_scratch_, backward_scratch_, input_gradient_, gradients_}) b->wipe();
    for (Guarded* b : scratch_) b->wipe();
    Args a = args_;
    a.input = group_.reads_input ? input_->floats() : nullptr;
    a.output = group_.reads_output ? output_->floats() : nullptr;
    a.output_gradient = output_gradient_->floats();
    a.input_gradient = input_gradient ? input_gradient_->floats() : nullptr;
    a.gradients = gradients_->floats();
    a.workspace = workspace_->data();
    a.saved = saved_.data();
    a.kept = group_.requirements.kept_per_sample > 0 ? kept_->data() : nullptr;
    a.kept_fixed = kept_fixed_->data();
    a.scratch = backward_scratch_->data();
    if (!input_gradient && group_.requirements.backward_per_sample == 0) a.scratch = nullptr;
    a.fixed = fixed_->data();
    (input_gradient ? group_.backward : group_.backward_without_input)(a);
  }

  std::vector<float> output() const { return gather(*output_, group_.shapes.back()); }
  std::vector<float> input_gradient() const { return gather(*input_gradient_, group_.shapes.front()); }
  std::vector<float> parameter(std::size_t t) const { return tensor(*arena_, t); }
  std::vector<float> gradient(std::size_t t) const { return tensor(*gradients_, t); }

  /// True while no slack and no gap between tensors was written.
  bool intact() const {
    bool good = true;
    for (const auto& b : buffers_) good = good && b->intact();
    for (std::size_t t = 0; t < offsets_.size(); ++t) {
      const auto size = static_cast<std::size_t>(group_.tensors[t].size());
      const std::size_t end = (offset(t) + size) * 4, gap = ((size + 15) / 16 * 16 + 16 - size) * 4;
      good = good && gradients_->untouched(end, end + gap) && arena_->untouched(end, end + gap);
    }
    return good;
  }

 protected:
  Guarded* buffer(std::size_t bytes) { return buffers_.emplace_back(std::make_unique<Guarded>(bytes)).get(); }

  /// True while nobody wrote between samples of the output and of the input's gradient.
  bool gaps_intact() const {
    return gaps_intact(*output_, group_.shapes.back()) && gaps_intact(*input_gradient_, group_.shapes.front());
  }

  const GroupOf<Args>& group_;
  Args args_;
  std::vector<Guarded*> scratch_;  ///< more of it, which no call leaves to the next

 private:
  std::size_t offset(std::size_t t) const { return static_cast<std::size_t>(offsets_[t]); }

  void scatter(const reference::Tensor& x, Guarded& to, Shape shape) const {
    to.wipe();
    const auto size = static_cast<std::size_t>(shape.size()),
               stride = static_cast<std::size_t>(strata::cpu::stride(shape));
    for (std::size_t i = 0; i < x.size(); ++i)
      to.floats()[i / size * stride + i % size] = static_cast<float>(x.value[i]);
  }

  std::vector<float> gather(const Guarded& from, Shape shape) const {
    const auto size = static_cast<std::size_t>(shape.size()),
               stride = static_cast<std::size_t>(strata::cpu::stride(shape));
    std::vector<float> to(size * static_cast<std::size_t>(batch_));
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = from.floats()[i / size * stride + i % size];
    return to;
  }

  bool gaps_intact(const Guarded& values, Shape shape) const {
    const auto size = static_cast<std::size_t>(shape.size()) * 4,
               stride = static_cast<std::size_t>(strata::detail::sample_bytes(shape));
    bool good = true;
    for (std::size_t n = 0; n < static_cast<std::size_t>(batch_); ++n)
      good = good && values.untouched(n * stride + size, (n + 1) * stride);
    return good;
  }

  std::vector<float> tensor(const Guarded& from, std::size_t t) const {
    const float* begin = from.floats() + offset(t);
    return {begin, begin + group_.tensors[t].size()};
  }

  int batch_;
  std::vector<std::unique_ptr<Guarded>> buffers_;
  Guarded *input_, *output_, *output_gradient_, *input_gradient_, *kept_, *kept_fixed_, *forward_scratch_,
      *backward_scratch_, *fixed_, *packing_, *workspace_, *arena_, *gradients_;
  std::vector<std::int64_t> saved_, offsets_;
};

/// A group on the CPU.
class GroupRun : public GroupMemory<strata::cpu::GroupArgs> {
 public:
  GroupRun(const Group& group, int batch, strata::cpu::Pool& pool) : GroupMemory(group, batch) {
    args_.pool = &pool;
    args_.step = step;
    args_.thread_stride = strata::detail::round_up(group.requirements.per_thread, strata::detail::line_bytes);
    scratch_.push_back(buffer(static_cast<std::size_t>(pool.threads() * args_.thread_stride)));
    args_.thread_scratch = scratch_.back()->data();
  }
};

}  // namespace layer_test
