// A fused group of layers with the memory that its plan promises, to run its kernels by themselves.
#pragma once

#include <strata/strata.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace bench {

/// The group that `Ops` make behind a value of shape `In` (an Image or a Vector).
template <strata::Mode M, class In, class... Ops>
class GroupCase {
 public:
  using Group = strata::GroupSpec<strata::Cpu<>, M, In, Ops...>;
  using Kernel = typename strata::cpu::kernel_of<Group>::type;

  GroupCase(strata::cpu::Pool& pool, int batch) {
    constexpr strata::Requirements needs = strata::Cpu<>::requirements<Group>();
    constexpr auto line = strata::detail::line_bytes;
    auto bytes = [](std::int64_t n) { return strata::detail::round_up(n, line); };
    auto value = [&](std::size_t v) { return batch * strata::detail::sample_bytes(Group::shapes[v]); };
    args_.pool = &pool;
    args_.batch = batch;
    args_.input = input_ = buffer(value(0));
    args_.output = buffer(value(Group::size));
    args_.output_gradient = gradient_ = buffer(value(Group::size));
    args_.input_gradient = buffer(value(0));
    args_.kept = M == strata::Mode::training ? bytes_of(batch * bytes(needs.kept_per_sample)) : nullptr;
    args_.kept_fixed = bytes_of(bytes(needs.kept_fixed));
    args_.scratch = bytes_of(batch * bytes(std::max(needs.forward_per_sample, needs.backward_per_sample)));
    args_.fixed = bytes_of(bytes(needs.fixed));
    args_.thread_stride = bytes(needs.per_thread);
    args_.thread_scratch = bytes_of(args_.thread_stride * pool.threads());
    std::int64_t saved = 0;
    for (int v = 0; v <= Group::size; ++v) {
      saved_.push_back(Group::stores(v) ? saved : -1);
      if (Group::stores(v)) saved += strata::detail::sample_bytes(Group::shapes[static_cast<std::size_t>(v)]);
    }
    args_.saved = saved_.data();
    args_.workspace = bytes_of(batch * saved);
    std::int64_t floats = 0;
    std::size_t j = 0;
    (place<Ops>(Group::shapes[j++], floats), ...);
    args_.offsets = offsets_.data();
    float* arena = buffer(floats * 4);
    args_.arena = arena;
    if (M == strata::Mode::training) args_.state = arena;
    args_.gradients = buffer(floats * 4);
    fill(input_, value(0) / 4);
    fill(gradient_, value(Group::size) / 4);
    fill(arena, floats);
  }

  void forward() { Kernel::template forward<Group>(args_); }

  /// Gradients of the parameters and, where asked for, of the input. Kernels may overwrite the output's gradient, so
  /// that after many calls it may have become zeros; that takes the same time.
  template <bool InputGradient>
  void backward() {
    strata::cpu::GroupArgs args = args_;
    if (!InputGradient) args.input_gradient = nullptr;
    Kernel::template backward<Group, InputGradient>(args);
  }

 private:
  std::byte* bytes_of(std::int64_t bytes) {
    buffers_.emplace_back(static_cast<std::size_t>(bytes + 4 * strata::detail::line_bytes));
    return buffers_.back().data();
  }
  float* buffer(std::int64_t bytes) { return reinterpret_cast<float*>(bytes_of(bytes)); }

  template <class Op>
  void place(strata::Shape in, std::int64_t& floats) {
    for (const strata::Parameter& p : Op::parameters(in)) {
      offsets_.push_back(floats);
      floats += strata::detail::round_up(p.size(), 16);
    }
  }

  /// Values between -.5 and .5; small ones, so that sums stay in range.
  static void fill(float* to, std::int64_t floats) {
    std::uint32_t state = 7;
    for (std::int64_t i = 0; i < floats; ++i) {
      state = state * 1664525u + 1013904223u;
      to[i] = static_cast<float>(state >> 8) / (1 << 24) - .5f;
    }
  }

  strata::cpu::GroupArgs args_;
  std::vector<strata::AlignedBuffer> buffers_;
  std::vector<std::int64_t> saved_, offsets_;
  float *input_ = nullptr, *gradient_ = nullptr;
};

}  // namespace bench
