// Predictor: a model's parameters made ready for prediction, shared by as many threads as want to predict.
#pragma once

#include <strata/core/storage.hpp>
#include <strata/core/text.hpp>
#include <strata/model/fold.hpp>
#include <strata/model/model.hpp>
#include <strata/model/predict.hpp>

#include <span>

namespace strata {

/// The predictor of a network that cannot be built, or has a layer without kernel, does nothing.
template <class Net, class Backend = Cpu<>, class Obstacle = detail::obstacle<Net, Backend>>
class Predictor {
 public:
  using network = std::conditional_t<detail::is_network<Net>, Net, Obstacle>;
  using backend = Backend;
  template <class... Arguments>
  explicit Predictor(Arguments&&...) {}
  Predictor share() const { return Predictor(0); }
};

/// What inference wants of a model: batch normalisation folded into its neighbours, dropout gone. It copies the
/// parameters, so the model may train on or end; predictions equal the model's up to rounding.
///
///     Predictor<Net> predictor{model};
///     std::array<float, 10> p = predict(predictor, image);
///
/// One thread at a time uses a predictor; `share` gives another thread one of its own, with the same parameters in
/// memory once. It runs on the calling thread alone unless it is given more threads.
template <class Net, class Backend>
class Predictor<Net, Backend, void> {
 public:
  using network = FoldedNetwork<Net>;
  using backend = Backend;
  using Runner = detail::Runner<network, Backend>;

  explicit Predictor(const Model<Net, Backend>& model, Threads t = threads(1)) : Predictor(model.parameters(), t) {}

  /// The predictor of parameters in the layout of `Net::parameters`; load_predictor makes one of a file. Throws Error
  /// where there are more or fewer of them.
  explicit Predictor(std::span<const float> parameters, Threads t = threads(1)) : Predictor(prepare(parameters), t) {}

  /// The same of a whole arena, which it keeps where nothing is to be folded.
  explicit Predictor(AlignedBuffer arena, Threads t = threads(1)) : Predictor(prepare(std::move(arena)), t) {}

  /// A predictor with a workspace of its own on the same parameters.
  Predictor share(Threads t = threads(1)) const { return Predictor(prepared_, t); }

  /// What an input is made of: height x width x channels values.
  static constexpr std::size_t inputs = static_cast<std::size_t>(network::input_shape.size());
  using Output = detail::output_array<network>;

  /// The output for one sample of floats, taken as they are (preprocessing is for bytes), or of bytes. For servers: no
  /// allocation, no exception, no check that the types have not made. (On a GPU that fails the program ends; predict
  /// throws Error.)
  Output operator()(std::span<const float, inputs> sample) noexcept {
    return run(Dataset::view(network::input_shape, sample));
  }
  Output operator()(std::span<const std::uint8_t, inputs> sample) noexcept {
    return run(Dataset::view(network::input_shape, sample));
  }

  /// The folded parameters, in the layout of `network::parameters`.
  std::span<const float> parameters() const {
    return {prepared_.arena, static_cast<std::size_t>(network::parameters.floats)};
  }

  /// What runs it, and the parameters in the form that this takes.
  Runner& runner() { return runner_; }
  typename Runner::Weights weights() const { return prepared_.weights; }

 private:
  /// What all predictors of a model share.
  using Prepared = typename Runner::Prepared;

  Predictor(Prepared prepared, Threads t) : prepared_(std::move(prepared)), runner_(t) {
    runner_.reserve(prepared_.weights);
  }

  [[gnu::cold]] static Prepared prepare(AlignedBuffer arena) {
    if constexpr (std::is_same_v<typename network::operations, typename Net::operations>)
      if (arena.size() == network::parameters.arena_bytes()) return Runner::prepare(std::move(arena));
    constexpr auto floats = static_cast<std::size_t>(Net::parameters.floats);
    return prepare(std::span<const float>(arena.floats(), std::min(arena.size() / sizeof(float), floats)));
  }

  [[gnu::cold]] static Prepared prepare(std::span<const float> parameters) {
    if (parameters.size() != static_cast<std::size_t>(Net::parameters.floats))
      throw Error(joined({"Predictor: ", parameters.size(), " parameters are given, but the network has ",
                          Net::parameters.floats, ", gaps included"}));
    AlignedBuffer folded(network::parameters.arena_bytes());
    fold_parameters<Net>(parameters.data(), folded.floats());
    return Runner::prepare(std::move(folded));
  }

  Output run(const Dataset& sample) {
    Output output;
    runner_.predict(prepared_.weights, sample, output.data());
    return output;
  }

  Prepared prepared_;
  Runner runner_;
};

}  // namespace strata
