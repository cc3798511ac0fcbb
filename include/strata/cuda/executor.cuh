// Runs a plan on the GPU: a loop over a constant table of functions and offsets.
//
// It launches kernels and nothing else, so whatever calls it can be recorded. All its memory is one block, laid out by
// the plan.
#pragma once

#include <strata/cuda/backend.cuh>
#include <strata/cuda/runtime.hpp>
#include <strata/cuda/score.cuh>
#include <strata/plan/parameters.hpp>
#include <strata/plan/plan.hpp>

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <utility>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// What the executor knows of one group.
struct GroupStep {
  void (*forward)(const GroupArgs&) = nullptr;
  void (*backward)(const GroupArgs&) = nullptr;                 ///< null where there is nothing to train up to here
  std::shared_ptr<const void> (*prepare)(int batch) = nullptr;  ///< null where nothing is to be prepared
};

/// The workspace of one caller and the loop that runs plan `P` in it. A training plan also has `backward` and `train`.
template <class P>
class Executor {
 public:
  static constexpr int groups = P::groups;

  /// Bytes of the workspace for batches of up to `batch` samples.
  static constexpr std::size_t bytes(int batch) { return P::workspace_bytes(batch, 0); }

  /// Room for batches of up to `batch` samples, zeroed in the order of the stream.
  Executor(Stream stream, int batch) : capacity_(batch), workspace_(bytes(batch), "the workspace of a step") {
    workspace_.zero(stream);
  }

  int capacity() const { return capacity_; }

  /// The batch of `batch` samples as floats, to be filled before forward: sample i begins at i * input_stride.
  float* input(int batch) const { return floats_at(P::memory.groups[0].input, batch); }
  static constexpr std::int64_t input_stride = stride(P::network::input_shape);

  /// Takes the next batches from these bytes, or from input() again where there are none. False where the first group
  /// cannot read them: then input() is to be filled as well.
  bool reads(const ByteBatch& bytes) {
    if constexpr (loads_bytes) bytes_ = bytes;
    return bytes_.data != nullptr;
  }

  /// What the frozen groups make of a batch, where there are such: sample i at i * features_stride. Input is what it is
  /// to the groups behind them.
  float* features(int batch) const { return floats_at(P::memory.groups[P::frozen_groups].input, batch); }
  static constexpr Shape features_shape =
      P::network::resolution
          .shapes[static_cast<std::size_t>(P::grouping.groups[static_cast<std::size_t>(P::frozen_groups)].input)];
  static constexpr std::int64_t features_stride = stride(features_shape);

  /// What forward left: logits or outputs, sample i at i * result_stride.
  const float* result(int batch) const { return floats_at(P::memory.groups[groups - 1].output, batch); }
  static constexpr std::int64_t result_stride = stride(P::result_shape);

  /// The gradient of the result, to be filled between forward and backward.
  float* result_gradient(int batch) const { return floats_at(P::memory.groups[groups - 1].output_gradient, batch); }

  /// What is known of each sample.
  SampleRecords records(int batch) const { return {at(P::memory.samples, batch), batch}; }

  /// The parameters; training updates the running averages among them.
  using Arena = std::conditional_t<P::mode == Mode::training, float*, const float*>;

  /// Prepares batches of `batch` samples, once for each size and before anything is recorded.
  void prepare(int batch) {
    if constexpr (prepares) {
      if (prepared_.contains(batch)) return;
      Prepared all;
      for (std::size_t g = 0; g < all.size(); ++g)
        if (steps[g].prepare != nullptr) all[g] = steps[g].prepare(batch);
      prepared_.emplace(batch, std::move(all));
    }
  }

  /// Runs all groups. *step, in device memory, and the key are what random numbers depend on.
  void forward(Stream stream, Arena arena, int batch, philox::Key key, const std::uint32_t* step) {
    prepare(batch);
    forward_between(0, groups, stream, arena, batch, key, step);
  }

  /// Runs the frozen groups, which leave features; and the others, which find them there.
  void forward_to_features(Stream stream, Arena arena, int batch) {
    prepare(batch);
    forward_between(0, P::frozen_groups, stream, arena, batch, {}, nullptr);
  }
  void forward_from_features(Stream stream, Arena arena, int batch, philox::Key key, const std::uint32_t* step) {
    prepare(batch);
    forward_between(P::frozen_groups, groups, stream, arena, batch, key, step);
  }

  /// Runs the groups back from the result's gradient and writes the gradients of all trainable parameters.
  void backward(Stream stream, Arena arena, float* gradients, int batch, philox::Key key,
                const std::uint32_t* step) const {
    backward_from(groups - 1, stream, arena, gradients, batch, key, step);
  }

  /// Runs all groups from group `first` on, scores the logits they end in, and runs the groups back from there. What
  /// the last group makes, and its gradient, need not be written.
  template <class Loss>
  void train(Stream stream, Arena arena, float* gradients, int batch, philox::Key key, const std::uint32_t* step,
             const LossArgs& args_of_loss, const Loss& loss, int first = 0) {
    prepare(batch);
    if constexpr (most_batch_with_loss > 0 && ScoredAsCrossEntropy<Loss>) {
      if (batch <= most_batch_with_loss && loss.smoothing() == 0) {
        forward_between(first, groups - 1, stream, arena, batch, key, step);
        LastKernel::template train<Last, (groups - 1 > P::memory.first_backward)>(
            args(groups - 1, stream, arena, gradients, batch, key, step), args_of_loss);
        return backward_from(groups - 2, stream, arena, gradients, batch, key, step);
      }
    }
    forward_between(first, groups, stream, arena, batch, key, step);
    score<P::result_shape.channels, static_cast<int>(result_stride)>(stream, batch, result(batch),
                                                                     result_gradient(batch), args_of_loss, loss);
    backward(stream, arena, gradients, batch, key, step);
  }

 private:
  using Last = typename P::template group<groups - 1>;
  using LastKernel = typename kernel_of<Last>::type;

  /// The largest batch whose loss the last group's kernel computes, where that group is trained.
  static constexpr int most_batch_with_loss = [] {
    if constexpr (requires { LastKernel::template most_batch_with_loss<Last>; } && P::memory.first_backward < groups)
      return LastKernel::template most_batch_with_loss<Last>;
    else
      return 0;
  }();

  static constexpr bool loads_bytes = [] {
    using First = typename P::template group<0>;
    if constexpr (requires { kernel_of<First>::type::template loads_bytes<First>; })
      return kernel_of<First>::type::template loads_bytes<First>;
    else
      return false;
  }();

  /// Groups from `first` to before `end`.
  void forward_between(int first, int end, Stream stream, Arena arena, int batch, philox::Key key,
                       const std::uint32_t* step) const {
    for (int g = first; g < end; ++g)
      steps[static_cast<std::size_t>(g)].forward(args(g, stream, arena, nullptr, batch, key, step));
  }

  /// Groups from `first` back to the first one that is trained.
  void backward_from(int first, Stream stream, Arena arena, float* gradients, int batch, philox::Key key,
                     const std::uint32_t* step) const {
    for (int g = first; g >= P::memory.first_backward; --g)
      steps[static_cast<std::size_t>(g)].backward(args(g, stream, arena, gradients, batch, key, step));
  }

  template <class Group>
  static constexpr bool group_prepares = requires {
    kernel_of<Group>::type::template prepare<Group>(1);
  };

  template <int G>
  static constexpr GroupStep step_of() {
    using Group = typename P::template group<G>;
    using Kernel = typename kernel_of<Group>::type;
    GroupStep step;
    step.forward = &Kernel::template forward<Group>;
    if constexpr (P::mode == Mode::training && G >= P::memory.first_backward)
      step.backward = &Kernel::template backward<Group, (G > P::memory.first_backward)>;
    if constexpr (group_prepares<Group>) step.prepare = &Kernel::template prepare<Group>;
    return step;
  }

  static constexpr std::array<GroupStep, static_cast<std::size_t>(groups)> steps =
      []<int... G>(std::integer_sequence<int, G...>) {
    return std::array<GroupStep, static_cast<std::size_t>(groups)>{step_of<G>()...};
  }
  (std::make_integer_sequence<int, groups>{});

  static constexpr bool prepares = []<int... G>(std::integer_sequence<int, G...>) {
    for (const bool any : {group_prepares<typename P::template group<G>>..., false})
      if (any) return true;
    return false;
  }
  (std::make_integer_sequence<int, groups>{});
  using Prepared = std::array<std::shared_ptr<const void>, static_cast<std::size_t>(groups)>;

  std::byte* at(std::int64_t offset, int batch) const {
    return offset < 0 ? nullptr : workspace_.data() + offset * batch;
  }
  float* floats_at(std::int64_t offset, int batch) const { return reinterpret_cast<float*>(at(offset, batch)); }

  GroupArgs args(int g, Stream stream, Arena arena, float* gradients, int batch, philox::Key key,
                 const std::uint32_t* step) const {
    const strata::detail::GroupPlace& place = P::memory.groups[static_cast<std::size_t>(g)];
    const FusedGroup& group = P::grouping.groups[static_cast<std::size_t>(g)];
    std::byte* const fixed = workspace_.data() + P::memory.per_sample * capacity_;
    GroupArgs a;
    a.stream = stream;
    a.batch = batch;
    a.input = floats_at(place.input, batch);
    if (g == 0) a.bytes = bytes_;
    a.output = floats_at(place.output, batch);
    a.output_gradient = floats_at(place.output_gradient, batch);
    a.input_gradient = floats_at(place.input_gradient, batch);
    a.arena = arena;
    if constexpr (P::mode == Mode::training) a.state = arena;
    a.gradients = gradients;
    a.offsets = strata::detail::tensor_offsets<typename P::network>.data() +
                P::network::parameters.first[static_cast<std::size_t>(group.first)];
    a.workspace = workspace_.data();
    a.saved = P::memory.saved.data() + group.first;
    a.kept = at(place.kept, batch);
    a.kept_fixed = place.kept_fixed < 0 ? nullptr : fixed + place.kept_fixed;
    a.scratch = at(gradients != nullptr ? place.backward_scratch : place.forward_scratch, batch);
    a.fixed = fixed + P::memory.kept_fixed;
    if constexpr (prepares) a.prepared = prepared_.at(batch)[static_cast<std::size_t>(g)].get();
    a.key = key;
    a.step = step;
    a.layer = static_cast<std::uint32_t>(group.first);
    return a;
  }

  int capacity_;
  ByteBatch bytes_{};
  DeviceBuffer<std::byte> workspace_;
  std::map<int, Prepared> prepared_;  ///< by batch
};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
