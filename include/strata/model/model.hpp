// Model: a network with its parameters, ready to predict and to be trained.
#pragma once

#include <strata/core/buffer.hpp>
#include <strata/core/error.hpp>
#include <strata/core/storage.hpp>
#include <strata/core/text.hpp>
#include <strata/cpu/executor.hpp>
#include <strata/model/initialize.hpp>
#include <strata/model/training_state.hpp>
#include <strata/model/usable.hpp>
#include <strata/plan/network.hpp>

#include <cstdint>
#include <span>
#include <string>

namespace strata {

/// The seed of everything random in a model: first values, shuffling, dropout.
struct Seed {
  std::uint64_t value = 0;
};

/// `Model<Net> model{seed(42)}`.
constexpr Seed seed(std::uint64_t value) { return {value}; }

/// How many threads a model may use.
struct Threads {
  int count = 0;
};

/// `Model<Net> model{seed(42), threads(1)}`; 0, the default, stands for all cores.
constexpr Threads threads(int count) { return {count}; }

namespace detail {

/// An Executor with room for the batch at hand, kept until a larger one is wanted.
template <class Executor>
class Workspace {
 public:
  Executor& of(cpu::Pool& pool, int batch) {
    if (!executor_ || executor_->capacity() < batch) {
      executor_.reset();
      executor_ = Owned<Executor>(new Executor(pool, batch));
    }
    return *executor_;
  }
  void release() { executor_.reset(); }

 private:
  Owned<Executor> executor_;
};

}  // namespace detail

/// The model of a network that cannot be built, or has a layer without kernel, does nothing. `Obstacle` reports why.
template <class Net, class Backend = Cpu<>, class Obstacle = detail::obstacle<Net, Backend>>
class Model {
 public:
  using network = std::conditional_t<detail::is_network<Net>, Net, Obstacle>;
  using backend = Backend;

  // Never chosen. To compare it, compilers look into the obstacle from the line that makes the model, and report there.
  explicit Model(Obstacle, Obstacle = {});

  explicit Model(Seed = {}, Threads = {}) { static_cast<void>(sizeof(Obstacle)); }

  std::span<float> parameters() { return {}; }
  std::span<const float> parameters() const { return {}; }
  std::span<float> tensor(const std::string&) { return {}; }
  Seed seed() const { return {}; }
  void reseed(Seed) {}
  philox::Key key() const { return philox::Key(0); }
  TrainingState& training() { return training_; }
  const TrainingState& training() const { return training_; }

 private:
  TrainingState training_;
};

/// A network's parameters and what runs it. One thread at a time works with a model, which itself uses the threads of
/// its pool; several threads that predict at once use a Predictor each.
template <class Net, class Backend>
class Model<Net, Backend, void> {
 public:
  using network = Net;
  using backend = Backend;

  /// A model with fresh parameters. Equal seeds give equal parameters and equal training, on any number of threads.
  explicit Model(Seed s = {}, Threads t = {})
      : seed_(s), pool_(new cpu::Pool(t.count)), arena_(Net::parameters.arena_bytes()) {
    initialize(view_of<Net>(), arena_.floats(), key());
  }

  /// Every parameter and every running average, in the layout of `Net::parameters`; gaps between tensors are zero.
  std::span<float> parameters() { return {arena_.floats(), static_cast<std::size_t>(Net::parameters.floats)}; }
  std::span<const float> parameters() const {
    return {arena_.floats(), static_cast<std::size_t>(Net::parameters.floats)};
  }

  /// One tensor by its name, as in files: "conv_1/kernel". Throws Error, with the names there are, for another.
  [[gnu::cold]] std::span<float> tensor(const std::string& name) {
    const std::vector<std::string> names = tensor_names(view_of<Net>());
    for (std::size_t i = 0; i < names.size(); ++i) {
      const Segment& s = Net::parameters.segments[i];
      if (names[i] == name) return {arena_.floats() + s.offset, static_cast<std::size_t>(s.parameter.size())};
    }
    std::string known;
    for (const std::string& n : names) append(known, {known.empty() ? "" : ", ", n});
    throw Error(joined({"there is no tensor '", name, "' in this network; its tensors are: ", known}));
  }

  /// The model's seed, which also is the key of its random numbers.
  Seed seed() const { return seed_; }
  void reseed(Seed s) { seed_ = s; }
  philox::Key key() const { return philox::Key(seed_.value); }

  /// Where training stands.
  TrainingState& training() { return training_; }
  const TrainingState& training() const { return training_; }

  /// The threads that run it.
  cpu::Pool& pool() { return *pool_; }

  /// Workspaces of prediction: to the network's output, and to the logits that a loss takes.
  using PredictionExecutor = cpu::Executor<Plan<Net, Mode::inference, Backend>>;
  using EvaluationExecutor = cpu::Executor<Plan<Net, Mode::inference, Backend, LossOnLogits>>;
  PredictionExecutor& prediction(int batch) { return prediction_.of(*pool_, batch); }
  EvaluationExecutor& evaluation(int batch) { return evaluation_.of(*pool_, batch); }

 private:
  Seed seed_;
  Owned<cpu::Pool> pool_;
  AlignedBuffer arena_;
  TrainingState training_;
  detail::Workspace<PredictionExecutor> prediction_;
  detail::Workspace<EvaluationExecutor> evaluation_;
};

}  // namespace strata
