// Model: a network with its parameters, ready to predict and to be trained.
#pragma once

#include <strata/core/buffer.hpp>
#include <strata/core/error.hpp>
#include <strata/core/text.hpp>
#include <strata/model/cpu_runner.hpp>
#include <strata/model/initialize.hpp>
#include <strata/model/runner.hpp>
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
/// its pool, or the GPU; several threads that predict at once use a Predictor each.
///
/// The parameters live in the CPU's memory. A model on a GPU copies them there when they have changed, and back at the
/// end of training.
template <class Net, class Backend>
class Model<Net, Backend, void> {
 public:
  using network = Net;
  using backend = Backend;

  /// A model with fresh parameters. Equal seeds give equal parameters and equal training, on any number of threads.
  /// Throws Error where the backend does not work on this machine.
  explicit Model(Seed s = {}, Threads t = {}) : seed_(s), runner_(t), arena_(Net::parameters.arena_bytes()) {
    initialize(view_of<Net>(), arena_.floats(), key());
  }

  /// Every parameter and every running average, in the layout of `Net::parameters`; gaps between tensors are zero.
  ///
  /// On a GPU a call of the first form, or of tensor, announces a change: what is written later than the next
  /// prediction is seen after the next such call.
  std::span<float> parameters() {
    ++changes_;
    return {arena_.floats(), static_cast<std::size_t>(Net::parameters.floats)};
  }
  std::span<const float> parameters() const {
    return {arena_.floats(), static_cast<std::size_t>(Net::parameters.floats)};
  }

  /// One tensor by its name, as in files: "conv_1/kernel". Throws Error, with the names there are, for another.
  [[gnu::cold]] std::span<float> tensor(const std::string& name) {
    const std::vector<std::string> names = tensor_names(view_of<Net>());
    for (std::size_t i = 0; i < names.size(); ++i) {
      const Segment& s = Net::parameters.segments[i];
      if (names[i] == name)
        return parameters().subspan(static_cast<std::size_t>(s.offset), static_cast<std::size_t>(s.parameter.size()));
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

  /// What runs it, and the parameters in the form that this takes.
  using Runner = detail::Runner<Net, Backend>;
  Runner& runner() { return runner_; }
  typename Runner::Weights weights() { return runner_.weights(arena_.floats(), changes_); }

  /// The threads that run it, on the CPU.
  auto& pool() { return runner_.pool(); }

 private:
  Seed seed_;
  Runner runner_;
  AlignedBuffer arena_;
  std::uint64_t changes_ = 1;
  TrainingState training_;
};

}  // namespace strata
