// Runs a plan on the CPU: a loop over a constant table of functions and offsets.
#pragma once

#include <strata/core/buffer.hpp>
#include <strata/cpu/backend.hpp>
#include <strata/plan/parameters.hpp>
#include <strata/plan/plan.hpp>

#include <array>
#include <cstddef>
#include <utility>

namespace strata::cpu {
inline namespace STRATA_ISA {

/// What the executor knows of one group.
struct GroupStep {
  void (*forward)(const GroupArgs&) = nullptr;
  void (*backward)(const GroupArgs&) = nullptr;  ///< null where there is nothing to train up to here
};

/// Where the packed parameters of the groups of plan P begin, in floats, and where the last ones end.
template <class P>
inline constexpr auto packed_offsets = []<int... G>(std::integer_sequence<int, G...>) {
  const std::int64_t bytes[] = {packed_bytes<typename P::template group<G>>()..., 0};
  std::array<std::int64_t, sizeof...(G) + 1> at{};
  for (std::size_t g = 0; g < sizeof...(G); ++g) at[g + 1] = at[g] + bytes[g] / 4;
  return at;
}
(std::make_integer_sequence<int, P::groups>{});

/// The workspace of one caller and the loop that runs plan `P` in it. A training plan also has `backward`.
template <class P>
class Executor {
 public:
  static constexpr int groups = P::groups;

  /// Bytes of the workspace that each sample of a batch adds.
  static constexpr std::int64_t bytes_per_sample = P::memory.per_sample;

  /// Room for batches of up to `batch` samples. With `packed` forward takes these packed parameters, made by `pack`
  /// from the arena that it is given.
  Executor(Pool& pool, int batch, const float* packed = nullptr)
      : pool_(&pool),
        capacity_(batch),
        packed_(packed),
        workspace_(P::workspace_bytes(batch, pool.threads(), packed != nullptr)) {}

  int capacity() const { return capacity_; }
  std::size_t bytes() const { return workspace_.size(); }

  /// The batch of `batch` samples as floats, to be filled before forward: sample i begins at i * input_stride.
  float* input(int batch) { return at(P::memory.groups[0].input, batch); }
  static constexpr std::int64_t input_stride = stride(P::network::input_shape);

  /// What the frozen groups made of a batch, where there are such: sample i at i * features_stride.
  float* features(int batch) { return at(P::memory.groups[P::frozen_groups].input, batch); }
  static constexpr std::int64_t features_stride = stride(
      P::network::resolution
          .shapes[static_cast<std::size_t>(P::grouping.groups[static_cast<std::size_t>(P::frozen_groups)].input)]);

  /// What forward left: logits or outputs, sample i at i * result_stride.
  const float* result(int batch) const { return at(P::memory.groups[groups - 1].output, batch); }
  static constexpr std::int64_t result_stride = stride(P::result_shape);

  /// The gradient of the result, to be filled between forward and backward.
  float* result_gradient(int batch) { return at(P::memory.groups[groups - 1].output_gradient, batch); }

  /// 64 bytes for each sample, for the loss to keep its records in.
  std::byte* samples(int batch) { return reinterpret_cast<std::byte*>(at(P::memory.samples, batch)); }

  /// The parameters; training updates the running averages among them.
  using Arena = std::conditional_t<P::mode == Mode::training, float*, const float*>;

  /// Floats of the packed parameters of all groups.
  static constexpr std::int64_t packed_floats = packed_offsets<P>.back();

  /// Packs the parameters in `arena` into `to`, which holds packed_floats.
  static void pack(Pool& pool, const float* arena, float* to) {
    [&]<int... G>(std::integer_sequence<int, G...>) { (..., pack_group<G>(pool, arena, to)); }
    (std::make_integer_sequence<int, groups>{});
  }

  /// Runs all groups.
  void forward(Arena arena, int batch, philox::Key key, std::uint32_t step) { run(0, groups, arena, batch, key, step); }

  /// Runs the frozen groups, which leave features; and the others, which find them there.
  void forward_to_features(Arena arena, int batch) { run(0, P::frozen_groups, arena, batch, {}, 0); }
  void forward_from_features(Arena arena, int batch, philox::Key key, std::uint32_t step) {
    run(P::frozen_groups, groups, arena, batch, key, step);
  }

  /// Runs the groups back from the result's gradient and writes the gradients of all trainable parameters.
  void backward(Arena arena, float* gradients, int batch, philox::Key key, std::uint32_t step) {
    const FlushDenormals flush;
    for (int g = groups - 1; g >= P::memory.first_backward; --g)
      steps[static_cast<std::size_t>(g)].backward(args(g, arena, gradients, batch, key, step));
  }

 private:
  void run(int first, int end, Arena arena, int batch, philox::Key key, std::uint32_t step) {
    const FlushDenormals flush;
    for (int g = first; g < end; ++g)
      steps[static_cast<std::size_t>(g)].forward(args(g, arena, nullptr, batch, key, step));
  }

  template <int G>
  static constexpr GroupStep step_of() {
    using Group = typename P::template group<G>;
    using Kernel = typename kernel_of<Group>::type;
    GroupStep step;
    step.forward = &Kernel::template forward<Group>;
    if constexpr (P::mode == Mode::training && G >= P::memory.first_backward)
      step.backward = &Kernel::template backward<Group, (G > P::memory.first_backward)>;
    return step;
  }

  static constexpr const std::int64_t* offsets_of(int g) {
    return strata::detail::tensor_offsets<typename P::network>.data() +
           P::network::parameters
               .first[static_cast<std::size_t>(P::grouping.groups[static_cast<std::size_t>(g)].first)];
  }

  template <int G>
  static void pack_group(Pool& pool, const float* arena, float* to) {
    using Group = typename P::template group<G>;
    if constexpr (packed_bytes<Group>() > 0)
      kernel_of<Group>::type::template pack<Group>(pool, arena, offsets_of(G), to + packed_offsets<P>[G]);
  }

  // While nvcc compiles for the device nothing of the CPU's kernels is wanted, and vectors would be errors there.
  static constexpr std::array<GroupStep, static_cast<std::size_t>(groups)> steps =
      []<int... G>(std::integer_sequence<int, G...>) {
#if defined(__CUDA_ARCH__)
    return std::array<GroupStep, static_cast<std::size_t>(groups)>{};
#else
    return std::array<GroupStep, static_cast<std::size_t>(groups)>{step_of<G>()...};
#endif
  }
  (std::make_integer_sequence<int, groups>{});

  float* at(std::int64_t offset, int batch) const {
    return offset < 0 ? nullptr : reinterpret_cast<float*>(workspace_.data() + offset * batch);
  }
  std::byte* bytes_at(std::int64_t offset, int batch) const {
    return offset < 0 ? nullptr : workspace_.data() + offset * batch;
  }

  GroupArgs args(int g, Arena arena, float* gradients, int batch, philox::Key key, std::uint32_t step) const {
    const strata::detail::GroupPlace& place = P::memory.groups[static_cast<std::size_t>(g)];
    const FusedGroup& group = P::grouping.groups[static_cast<std::size_t>(g)];
    std::byte* fixed = workspace_.data() + P::memory.per_sample * capacity_;
    GroupArgs a;
    a.pool = pool_;
    a.batch = batch;
    a.input = at(place.input, batch);
    a.output = at(place.output, batch);
    a.output_gradient = at(place.output_gradient, batch);
    a.input_gradient = at(place.input_gradient, batch);
    a.arena = arena;
    if constexpr (P::mode == Mode::training) a.state = arena;
    a.gradients = gradients;
    a.offsets = offsets_of(g);
    if (packed_ != nullptr) a.packed = packed_ + packed_offsets<P>[static_cast<std::size_t>(g)];
    a.workspace = workspace_.data();
    a.saved = P::memory.saved.data() + group.first;
    a.kept = bytes_at(place.kept, batch);
    a.kept_fixed = place.kept_fixed < 0 ? nullptr : fixed + place.kept_fixed;
    a.scratch = bytes_at(gradients ? place.backward_scratch : place.forward_scratch, batch);
    a.fixed = fixed + P::memory.kept_fixed;
    a.thread_scratch = a.fixed + P::memory.fixed;
    a.thread_stride = P::memory.per_thread;
    if (packed_ == nullptr) a.packing = a.thread_scratch + P::memory.per_thread * pool_->threads();
    a.key = key;
    a.step = step;
    a.layer = static_cast<std::uint32_t>(group.first);
    return a;
  }

  Pool* pool_;
  int capacity_;
  const float* packed_;
  AlignedBuffer workspace_;
};

}  // namespace STRATA_ISA
}  // namespace strata::cpu
