// A training run on the GPU: whole steps recorded as graphs, many of them to a launch.
//
//     load the batch, forward, loss, backward [, add up], [clip,] optimize, advance
//
// What differs from step to step lies in the device's memory (cursor.hpp), so that one recording serves a whole epoch.
// The CPU launches, and looks at nothing before the epoch's end. An epoch's last step, where it is not full, has a
// recording of its own.
#pragma once

#include <strata/cuda/advance.cuh>
#include <strata/cuda/dataset.cuh>
#include <strata/cuda/executor.cuh>
#include <strata/cuda/features.cuh>
#include <strata/cuda/gradients.cuh>
#include <strata/cuda/optimize.cuh>
#include <strata/cuda/recorded_steps.hpp>
#include <strata/cuda/runtime.hpp>

#include <algorithm>
#include <cstdint>
#include <span>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// How a run goes through its data.
struct TrainingOptions {
  int batch = 32;
  bool shuffle = true;
  int accumulate = 1;    ///< batches whose gradients make one step
  double clip_norm = 0;  ///< the gradient's norm at most; 0: as it is
  Augmentation augment{};
  Launches launches{};
};

/// Everything a run of plan P with an optimizer keeps on the GPU, apart from the data set.
template <class P, class Optimizer, class Loss = PlainCrossEntropy>
class Training {
 public:
  using Plan = P;
  using Net = typename P::network;
  using Data = DeviceDataset<typename Net::input>;
  static constexpr auto& parameters = Net::parameters;
  static constexpr std::int64_t state_floats = parameters.moving_floats - parameters.trainable_floats;

  /// Bytes of the GPU's memory that a run takes: what the network says, and a few more.
  static constexpr std::size_t bytes(const TrainingOptions& options, const Optimizer& optimizer) {
    return Net::template training_bytes<typename P::backend>(options.batch, optimizer, 0) + others(options);
  }

  /// The largest batch whose run takes at most so many bytes; 0 where there is none.
  static constexpr int max_batch(std::size_t room, const TrainingOptions& options, const Optimizer& optimizer) {
    const std::size_t none = others(options);
    return room < none ? 0 : Net::template max_batch<typename P::backend>(room - none, optimizer, 0);
  }

  /// A run on `data`, which outlives it. Throws Error where it does not fit, before it allocates.
  Training(const Data& data, const Optimizer& optimizer, std::uint64_t seed, const TrainingOptions& options,
           const Loss& loss = {})
      : data_(data),
        optimizer_(optimizer),
        loss_(loss),
        seed_(seed),
        options_(fitting(options, data, optimizer)),
        control_(first_control(0, 0)),
        device_control_(1, "the state of training"),
        arena_(parameters.arena_bytes() / 4, "the parameters"),
        gradients_(static_cast<std::size_t>(parameters.trainable_floats), "the gradients"),
        moments_(gradients_.size() * static_cast<std::size_t>(optimizer.state_slots()), "the optimizer's moments"),
        state_copy_(static_cast<std::size_t>(state_floats), "the running averages"),
        sums_(options.accumulate > 1 ? gradients_.size() : 0, "the gradients of a step"),
        norm_parts_(options.clip_norm > 0 ? norm_parts : 0, "the norm of the gradients"),
        clip_scale_(options.clip_norm > 0 ? 1 : 0, "the norm of the gradients"),
        executor_(stream_, options_.batch),
        steps_(options.launches) {
    arena_.zero(stream_);
    gradients_.zero(stream_);  // the gaps between tensors stay so
    wait_for(stream_, "the beginning of training");
  }

  Stream stream() const { return stream_; }

  /// The parameters and the state, in the device's memory.
  const float* arena() const { return arena_.data(); }

  /// Other hyper-parameters, such as a learning rate, from the next epoch on. The moments stay as many.
  void set_optimizer(const Optimizer& optimizer) { optimizer_ = optimizer; }

  /// Takes over parameters and state, and the optimizer's moments; waits for the copies.
  void upload(std::span<const float> arena, std::span<const float> moments) {
    arena_.upload(stream_, arena);
    state_copy_.upload(stream_, state_of(arena));
    moments_.upload(stream_, moments);
    wait_for(stream_, "the copy of the parameters to the GPU");
  }

  /// Gives them back, as they are behind all steps that were queued, or before the one that had to be given up.
  void download(std::span<float> arena, std::span<float> moments) {
    arena_.download(stream_, arena.first(static_cast<std::size_t>(parameters.trainable_floats)));
    state_copy_.download(stream_, state_of(arena));
    moments_.download(stream_, moments);
    wait_for(stream_, "the copy of the parameters from the GPU");
  }

  /// What the frozen groups make of a data set, as it is or in a version of its images: see cuda::compute_features.
  template <class Take>
  bool compute_features(const Data& data, int version, Take take) {
    return cuda::compute_features(stream_, executor_, arena_.data(), data,
                                  {version, options_.augment, philox::Key(seed_)}, take);
  }

  /// From now on batches are these features of the data set, which outlive the run: the frozen groups rest. Before any
  /// step.
  void use_features(const FeatureData<P>& features) { features_ = &features; }

  /// Full steps of an epoch, their samples, and samples of the one behind them.
  std::int64_t full_steps() const { return data_.size() / step_samples(); }
  std::int64_t step_samples() const {
    return std::min(std::int64_t{options_.batch} * options_.accumulate, data_.size());
  }
  std::int64_t last_samples() const { return data_.size() % step_samples(); }

  /// Begins an epoch, counted from 0, behind so many steps of all epochs.
  void begin_epoch(std::int64_t epoch, std::int64_t steps_before) {
    wait_for(stream_, "the last epoch");  // which may be reading `control_`
    control_ = first_control(epoch, steps_before);
    device_control_.upload(stream_, {&control_, 1});
  }

  /// Queues `count` full steps.
  void run(std::int64_t count) { run(count, step_samples()); }

  /// Queues the last step, which is not full.
  void run_last() { run(1, last_samples()); }

  /// The epoch's sums behind all steps that were queued. Waits for them.
  Tally tally() {
    device_control_.download(stream_, {&control_, 1});
    wait_for(stream_, purpose);
    return control_.tally;
  }

 private:
  static constexpr const char* purpose = "a step of training";
  static constexpr std::size_t norm_parts = GradientsSpec::most_blocks;

  /// The optimizer at each learning rate of the network: see LearningRate.
  static constexpr int rates = parameters.rate_count > 0 ? parameters.rate_count : 1;
  using Rules = OptimizerSteps<Optimizer, rates>;

  Rules rules_of(std::int64_t step) const {
    Rules rules;
    for (int r = 0; r < rates; ++r) {
      Optimizer rule = optimizer_;
      const float factor = parameters.rates[static_cast<std::size_t>(r)].factor;
      if (parameters.rate_count > 0 && factor != 1) rule.learning_rate *= static_cast<double>(factor);
      rules.at[r] = OptimizerStep<Optimizer>(rule, step);
    }
    return rules;
  }

  /// What the CPU writes at the beginning of an epoch and reads at its end.
  struct Control {
    Cursor cursor;
    Tally tally;
    Rules optimizer;
  };

  /// Bytes beyond what the network says.
  static constexpr std::size_t others(const TrainingOptions& options) {
    return sizeof(Control) + (options.accumulate > 1 ? parameters.trainable_bytes() : 0) +
           (options.clip_norm > 0 ? norm_parts * sizeof(double) + sizeof(float) : 0);
  }

  /// The part of an arena that holds what forward moves: running averages. What is frozen lies behind it.
  template <class T>
  static std::span<T> state_of(std::span<T> arena) {
    return arena.subspan(static_cast<std::size_t>(parameters.trainable_floats), static_cast<std::size_t>(state_floats));
  }

  static TrainingOptions fitting(TrainingOptions options, const Data& data, const Optimizer& optimizer) {
    options.batch = static_cast<int>(std::min<std::int64_t>(options.batch, data.size()));
    require_memory(bytes(options, optimizer), joined({"training with a batch of ", options.batch}),
                   [&](std::size_t free) { return max_batch(free, options, optimizer); });
    return options;
  }

  Control first_control(std::int64_t epoch, std::int64_t steps_before) const {
    const Permutation order(static_cast<std::uint64_t>(data_.size()), seed_, static_cast<std::uint64_t>(epoch));
    return {.cursor = {.order = order,
                       .shuffles = options_.shuffle ? 1u : 0u,
                       .step = static_cast<std::uint32_t>(steps_before * options_.accumulate),
                       .place = 0,
                       .version = options_.augment.version_of(epoch)},
            .tally = {},
            .optimizer = rules_of(steps_before + 1)};
  }

  void run(std::int64_t count, std::int64_t samples) {
    const auto full = static_cast<int>(std::min<std::int64_t>(options_.batch, samples));
    executor_.prepare(full);
    if (samples % full != 0) executor_.prepare(static_cast<int>(samples % full));
    steps_.run(stream_, count, static_cast<int>(samples), purpose, [&] { step(samples); });
  }

  /// Queues one step: its batches, and what the optimizer makes of their gradients.
  void step(std::int64_t samples) {
    Control* const c = device_control_.data();
    constexpr std::int64_t floats = parameters.trainable_floats;
    for (std::int64_t done = 0; done < samples;) {
      const auto batch = static_cast<int>(std::min<std::int64_t>(options_.batch, samples - done));
      const bool is_last = done + batch == samples;
      const SampleRecords records = gradients_of(batch);
      float* gradients = gradients_.data();
      if (options_.accumulate > 1) {
        gradients = sums_.data();
        accumulate(stream_, gradients, gradients_.data(), static_cast<float>(batch) / static_cast<float>(samples),
                   done == 0, floats);
      }
      if (is_last) {
        const float* const scale = options_.clip_norm > 0 ? clip_scale_.data() : nullptr;
        if (scale != nullptr)
          clip(stream_, gradients, floats, options_.clip_norm, norm_parts_.data(), clip_scale_.data());
        for (int r = 0; r < parameters.rate_count; ++r) {
          const RateRange& range = parameters.rates[static_cast<std::size_t>(r)];
          optimize(stream_, optimizer_.state_slots(), &c->optimizer.at[r], arena_.data(), gradients, moments_.data(),
                   floats, {range.begin, range.end}, &c->tally.not_finite, scale);
        }
      }
      advance(stream_, batch,
              Advance<Rules>{.cursor = &c->cursor,
                             .tally = &c->tally,
                             .optimizer = &c->optimizer,
                             .ends_step = is_last,
                             .state = arena_.data() + floats,
                             .state_copy = state_copy_.data(),
                             .state_floats = state_floats},
              records);
      done += batch;
    }
  }

  /// Queues the gradients of one batch.
  SampleRecords gradients_of(int batch) {
    Control* const c = device_control_.data();
    const philox::Key key(seed_);
    const SampleRecords records = executor_.records(batch);
    if constexpr (P::frozen_groups > 0) {
      if (features_ != nullptr) {
        features_->load(stream_, batch, &c->cursor, executor_.features(batch), records.index);
        executor_.train(stream_, arena_.data(), gradients_.data(), batch, key, &c->cursor.step,
                        {records, data_.truth(), &c->tally.not_finite}, loss_, P::frozen_groups);
        return records;
      }
    }
    if (options_.augment.works()) {
      executor_.reads({});
      data_.load_augmented(stream_, batch, &c->cursor, options_.augment, key, executor_.input(batch), records.index);
    } else if (!executor_.reads(data_.bytes(&c->cursor, records.index)))
      data_.load(stream_, batch, &c->cursor, executor_.input(batch), records.index);
    executor_.train(stream_, arena_.data(), gradients_.data(), batch, key, &c->cursor.step,
                    {records, data_.truth(), &c->tally.not_finite}, loss_);
    return records;
  }

  const Data& data_;
  Optimizer optimizer_;
  Loss loss_;
  std::uint64_t seed_;
  TrainingOptions options_;
  OwnedStream stream_;
  Control control_;  ///< the CPU's side of the next
  DeviceBuffer<Control> device_control_;
  DeviceBuffer<float> arena_, gradients_, moments_, state_copy_, sums_;
  DeviceBuffer<double> norm_parts_;
  DeviceBuffer<float> clip_scale_;
  Executor<P> executor_;
  const FeatureData<P>* features_ = nullptr;
  RecordedSteps steps_;
};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
